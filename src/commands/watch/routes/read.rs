//! Decides where routes come from, and reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::project::config::RoutePlace;
use crate::build::project::{Function, FunctionStatus, Projects};
use crate::commands::migrate::deployed;
use crate::commands::watch::routes::configured::configured;
use crate::commands::watch::routes::function_match::FunctionMatcher;
use crate::commands::watch::routes::patterns::RouteKeys;
use crate::commands::watch::routes::template::{TemplateRoutes, read_template};
use crate::commands::watch::routes::types::{RouteNote, Routes};
use crate::lambda::{CorsRules, Purpose, check_stage};
use crate::ui::failure::Failure;

/// The names of templates. The first one in a folder that describes functions is used.
pub(super) const TEMPLATES: [&str; 5] = [
    "template.yaml",
    "template.yml",
    "template.json",
    "serverless.yml",
    "serverless.yaml",
];

/// Reads the routes of the configuration or, if there are none, of templates. `served` are the
/// names of all functions of the run, including those that the user starts.
pub(crate) fn read(projects: &Projects, served: &BTreeSet<String>) -> Result<Routes, Failure> {
    let configured = configured(projects, served)?;
    if !configured.sources.is_empty() {
        return Ok(configured);
    }
    let functions = projects
        .projects
        .iter()
        .flat_map(|project| &project.functions);
    let functions: Vec<&Function> = functions
        .filter(|function| {
            function.status != FunctionStatus::Example
                && function.purpose() == Purpose::Function
                && (function.status != FunctionStatus::Other || served.contains(&function.name))
        })
        .collect();
    let matcher = FunctionMatcher::new(functions);
    let mut routes = configured;
    let mut keys = RouteKeys::default();
    let mut unserved: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    let nearest = NearestTemplates::find(projects, served, &matcher);
    routes.files = nearest.candidates();
    for (path, template) in nearest.found {
        routes.notes.extend(template.notes);
        let is_served = |name: &String| served.contains(name);
        for mut route in template.routes {
            if !is_served(&route.function) {
                unserved
                    .entry(path.clone())
                    .or_default()
                    .insert(route.function);
            } else if let Some(note) = keys.insert(&route) {
                routes.notes.push(note);
            } else {
                if !routes.sources.contains(&path) {
                    routes.sources.push(path.clone());
                }
                if let Some(stage) = &route.stage
                    && let Err(problem) = check_stage(stage, route.payload)
                {
                    let text = format!("a stage is left out because {}", problem.what);
                    routes.add_note(&route.place, text);
                    route.stage = None;
                }
                route.cors = routes.usable_cors(route.cors, &route.place);
                routes.routes.push(route);
            }
        }
        for mut url in template.function_urls {
            if is_served(&url.function) {
                url.cors = routes.usable_cors(url.cors, &url.place);
                routes.function_urls.push(url);
            }
        }
    }
    for (file, names) in unserved {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        routes.notes.push(RouteNote {
            place: RoutePlace { file, line: None },
            text: format!(
                "routes are left out because this run does not serve {}",
                names.join(", ")
            ),
        });
    }
    Ok(routes)
}

impl Routes {
    /// The rules of the configuration, or else those of a template if they are valid.
    fn usable_cors(&mut self, cors: Option<CorsRules>, place: &RoutePlace) -> Option<CorsRules> {
        if self.cors.is_some() {
            return self.cors.clone();
        }
        let cors = cors?;
        if let Err(problem) = cors.check() {
            let text = format!("CORS settings are left out because {}", problem.what);
            self.add_note(place, text);
            return None;
        }
        Some(cors)
    }

    /// Adds a note, unless another place in the file has the same. All routes of an API have the
    /// same settings.
    fn add_note(&mut self, place: &RoutePlace, text: String) {
        let is_same = |note: &RouteNote| note.place.file == place.file && note.text == text;
        if !self.notes.iter().any(is_same) {
            let place = place.clone();
            self.notes.push(RouteNote { place, text });
        }
    }
}

/// The nearest template of each function that is served, in its folder or above.
#[derive(Default)]
struct NearestTemplates {
    found: BTreeMap<PathBuf, TemplateRoutes>,
    /// The folders that were searched, and whether they have a template.
    searched: BTreeMap<PathBuf, bool>,
}

impl NearestTemplates {
    fn find(projects: &Projects, served: &BTreeSet<String>, matcher: &FunctionMatcher<'_>) -> Self {
        let mut nearest = Self::default();
        for project in &projects.projects {
            let root = deployed::root(&project.root);
            let functions = project.functions.iter();
            for function in functions.filter(|function| served.contains(&function.name)) {
                let folders = function.dir.ancestors();
                for folder in folders.take_while(|dir| dir.starts_with(&root)) {
                    if nearest.search(folder, matcher) {
                        break;
                    }
                }
            }
        }
        nearest
    }

    /// Returns true if the folder has a template.
    fn search(&mut self, folder: &Path, matcher: &FunctionMatcher<'_>) -> bool {
        if let Some(has_template) = self.searched.get(folder) {
            return *has_template;
        }
        let found = template_in(folder, matcher);
        let has_template = found.is_some();
        self.searched.insert(folder.to_owned(), has_template);
        self.found.extend(found);
        has_template
    }

    /// The files that are templates, or would be if they existed.
    fn candidates(&self) -> BTreeSet<PathBuf> {
        let folders = self.searched.keys();
        let files = folders.flat_map(|folder| TEMPLATES.map(|name| folder.join(name)));
        files.collect()
    }
}

/// The template in a folder. Files that cannot be read are skipped.
fn template_in(folder: &Path, matcher: &FunctionMatcher<'_>) -> Option<(PathBuf, TemplateRoutes)> {
    TEMPLATES.iter().find_map(|name| {
        let path = folder.join(name);
        let text = fs_err::read_to_string(&path).ok()?;
        let routes = read_template(&path, &text, matcher)?;
        Some((path, routes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::project::config::FunctionSettings;
    use crate::build::project::{FunctionSource, ModuleId, Project};
    use crate::commands::watch::route_table::table;

    /// A project with two functions, `users` and `web`.
    fn project(root: &Path, settings: &str) -> Projects {
        let file = root.join("lambdapack.toml");
        fs_err::write(&file, settings).unwrap();
        let function = |name: &str| Function {
            name: name.to_owned(),
            status: FunctionStatus::Function,
            dir: root.join("services").join(name),
            package: name.to_owned(),
            bin: name.to_owned(),
            source: FunctionSource::Go {
                module: ModuleId(0),
            },
            purpose: Purpose::Function,
            settings: FunctionSettings::default(),
            configured: false,
        };
        let project = Project {
            root: root.to_owned(),
            settings: FunctionSettings::read(&file).unwrap(),
            functions: ["users", "web"].map(function).to_vec(),
            is_complete: true,
            ..Project::default()
        };
        Projects {
            projects: vec![project],
            ..Projects::default()
        }
    }

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Paths and functions, and the notes.
    fn shown(routes: &Routes) -> (Vec<(&str, &str)>, Vec<&str>) {
        let pairs = routes.routes.iter();
        let pairs = pairs.map(|route| (route.path.as_str(), route.function.as_str()));
        let notes = routes.notes.iter().map(|note| note.text.as_str());
        (pairs.collect(), notes.collect())
    }

    const TEMPLATE: &str = "Resources:\n  Users:\n    Type: AWS::Serverless::Function\n    \
        Properties: {Events: {A: {Type: HttpApi, Properties: {Path: /u, Method: GET}}}}\n  \
        Web:\n    Type: AWS::Serverless::Function\n    \
        Properties: {Events: {A: {Type: HttpApi}}}\n";

    #[test]
    fn templates_are_read_only_if_the_configuration_has_no_routes() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let template = root.join("template.yaml");
        fs_err::write(&template, TEMPLATE).unwrap();
        fs_err::write(root.join("serverless.yml"), "").unwrap();
        let projects = project(root, "[watch]\ncors = true\n");
        let routes = read(&projects, &names(&["users", "web"])).unwrap();
        assert_eq!(shown(&routes).0, [("/u", "users"), ("$default", "web")]);
        assert_eq!(routes.sources, [template]);
        assert!(routes.routes.iter().all(|route| route.cors.is_some()));
        let route = "[[watch.route]]\npath = \"/x\"\nfunction = \"web\"\n";
        let routes = read(&project(root, route), &names(&["users", "web"])).unwrap();
        assert_eq!(shown(&routes).0, [("/x", "web")]);
        assert_eq!(routes.sources, [root.join("lambdapack.toml")]);
        assert!(routes.files.is_empty());
    }

    #[test]
    fn the_nearest_template_of_each_function_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs_err::create_dir_all(root.join("services/web")).unwrap();
        fs_err::create_dir_all(root.join(".git")).unwrap();
        fs_err::write(root.join("template.yaml"), "kind: Deployment\n").unwrap();
        fs_err::write(root.join("template.yml"), TEMPLATE).unwrap();
        let service = "service: web\nprovider: {name: aws}\nfunctions:\n  \
                       web: {handler: web, events: [{httpApi: GET /w}, {httpApi: GET /u}]}\n";
        fs_err::write(root.join("services/web/serverless.yml"), service).unwrap();
        let projects = project(root, "");
        let routes = read(&projects, &names(&["users", "web"])).unwrap();
        let (routes, notes) = shown(&routes);
        assert_eq!(routes, [("/w", "web"), ("/u", "web"), ("$default", "web")]);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("`GET /u` is left out because "));
        let routes = read(&projects, &names(&["users"])).unwrap();
        let (routes, notes) = shown(&routes);
        assert_eq!(routes, [("/u", "users")]);
        assert_eq!(
            notes,
            ["routes are left out because this run does not serve `web`"]
        );
    }

    #[test]
    fn unknown_functions_are_errors_and_those_of_other_runs_are_notes() {
        let dir = tempfile::tempdir().unwrap();
        let route = |name| format!("[[watch.route]]\npath = \"/{name}\"\nfunction = \"{name}\"\n");
        let settings = ["users", "web", "wep", "debugged"].map(route).concat();
        let mut projects = project(dir.path(), &settings);
        let served = names(&["users", "debugged"]);
        let failure = read(&projects, &served).unwrap_err();
        let [problem] = &failure.problems[..] else {
            panic!("{failure:?}");
        };
        let what = &problem.what;
        assert!(
            what.ends_with("lambdapack.toml`, line 7: the function `wep` does not exist"),
            "{what}"
        );
        assert_eq!(problem.help.as_deref(), Some("did you mean `web`?"));
        projects.projects[0].is_complete = false;
        let routes = read(&projects, &served).unwrap();
        let (routes, notes) = shown(&routes);
        assert_eq!(routes, [("/users", "users"), ("/debugged", "debugged")]);
        assert_eq!(
            notes,
            [
                "this run does not serve the function `web`",
                "this run does not serve the function `wep`"
            ]
        );
    }

    #[test]
    fn a_function_that_is_not_served_does_not_hide_the_same_route_of_another_project() {
        let dir = tempfile::tempdir().unwrap();
        let route = |name| format!("[[watch.route]]\npath = \"/\"\nfunction = \"{name}\"\n");
        let mut projects = project(dir.path(), &route("users"));
        let other = tempfile::tempdir().unwrap();
        let other = project(other.path(), &route("web"));
        projects.projects.extend(other.projects);
        let routes = read(&projects, &names(&["web"])).unwrap();
        let (routes, notes) = shown(&routes);
        assert_eq!(routes, [("/", "web")]);
        assert_eq!(notes, ["this run does not serve the function `users`"]);
    }

    #[test]
    fn templates_that_could_be_created_are_known() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs_err::create_dir_all(root.join(".git")).unwrap();
        fs_err::create_dir_all(root.join("module/services/web")).unwrap();
        let projects = project(&root.join("module"), "");
        let read = || read(&projects, &names(&["web"])).unwrap();
        let above = root.join("template.yaml");
        let files = read().files;
        assert!(files.contains(&above), "{files:?}");
        assert!(files.contains(&root.join("module/services/serverless.yml")));
        let outside = root.parent().unwrap().join("template.yaml");
        assert!(!files.contains(&outside), "{files:?}");
        fs_err::write(&above, TEMPLATE).unwrap();
        let routes = read();
        assert_eq!(routes.sources, [above]);
        assert_eq!(routes.files, files);
    }

    #[test]
    fn invalid_settings_in_templates_are_notes() {
        const TEMPLATE: &str = "Globals:\n  HttpApi: {CorsConfiguration: {AllowOrigins: [localhost]}}\n\
            Resources:\n  Api: {Type: AWS::Serverless::Api, Properties: {StageName: a/b}}\n  Users:\n    \
            Type: AWS::Serverless::Function\n    Properties:\n      \
            FunctionUrlConfig: {Cors: {AllowOrigins: ['*'], AllowMethods: [TRACE]}}\n      Events:\n        \
            A: {Type: HttpApi, Properties: {Path: /a, Method: GET}}\n        \
            B: {Type: HttpApi, Properties: {Path: /b, Method: GET}}\n        \
            C: {Type: Api, Properties: {Path: /c, Method: GET, RestApiId: !Ref Api}}\n";
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("template.yaml"), TEMPLATE).unwrap();
        let served = names(&["users"]);
        let routes = read(&project(dir.path(), ""), &served).unwrap();
        let notes = routes
            .notes
            .iter()
            .map(|note| (note.place.line, &*note.text));
        assert_eq!(
            notes.collect::<Vec<_>>(),
            [
                (
                    Some(10),
                    "CORS settings are left out because `localhost` is not an origin"
                ),
                (
                    Some(12),
                    "a stage is left out because `a/b` is not a valid stage name"
                ),
                (
                    Some(8),
                    "CORS settings are left out because `TRACE` is not a method for CORS"
                ),
            ]
        );
        assert_eq!(routes.routes.len(), 3);
        assert!(table(&routes, &served).is_ok());
        let settings = "[watch.cors]\nallow-origins = [\"https://a\"]\n";
        let routes = read(&project(dir.path(), settings), &served).unwrap();
        assert_eq!(routes.notes.len(), 1, "{:?}", routes.notes);
    }
}
