//! Templates as public projects write them, in our own words.

use std::path::Path;

use tempfile::TempDir;

use crate::build::project::{Function, FunctionSource, FunctionStatus, ModuleId};
use crate::commands::watch::routes::function_match::FunctionMatcher;
use crate::commands::watch::routes::template::{TemplateRoutes, read_template};
use crate::lambda::Purpose;

/// Functions in a folder: their names and the folders of their packages.
struct Fixture {
    dir: TempDir,
    functions: Vec<Function>,
}

impl Fixture {
    fn new(functions: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let functions = functions.iter().map(|(name, folder)| {
            let folder = crate::fs::path::join(dir.path(), folder);
            fs_err::create_dir_all(&folder).unwrap();
            Function {
                name: (*name).to_owned(),
                status: FunctionStatus::Function,
                package: folder.file_name().unwrap().display().to_string(),
                dir: folder,
                bin: (*name).to_owned(),
                source: FunctionSource::Go {
                    module: ModuleId(0),
                },
                purpose: Purpose::Function,
                settings: Default::default(),
                configured: false,
            }
        });
        let functions = functions.collect();
        Self { dir, functions }
    }

    fn read(&self, name: &str, text: &str) -> TemplateRoutes {
        let matcher = FunctionMatcher::new(self.functions.iter().collect());
        read_template(&self.dir.path().join(name), text, &matcher).unwrap()
    }

    fn sam(&self, text: &str) -> TemplateRoutes {
        self.read("template.yaml", text)
    }

    fn serverless(&self, text: &str) -> TemplateRoutes {
        self.read("serverless.yml", text)
    }
}

/// `GET /users -> users 1.0 Prod`.
fn routes(read: &TemplateRoutes) -> Vec<String> {
    let lines = read.routes.iter().map(|route| {
        let (method, path) = (route.method.name(), &route.path);
        let (payload, stage) = (route.payload.name(), route.stage.as_deref());
        let stage = stage.map_or(String::new(), |stage| format!(" {stage}"));
        format!("{method} {path} -> {} {payload}{stage}", route.function)
    });
    lines.collect()
}

/// `5: why`.
fn notes(read: &TemplateRoutes) -> Vec<String> {
    let line = |line: Option<usize>| line.map_or(String::new(), |line| line.to_string());
    let notes = read.notes.iter();
    let lines = notes.map(|note| format!("{}: {}", line(note.place.line), note.text));
    lines.collect()
}

const NO_NOTES: [&str; 0] = [];

#[test]
fn functions_are_recognized_by_the_folder_of_a_build() {
    let fixture = Fixture::new(&[
        ("get-item", "lambdas/get-item"),
        ("get-items", "lambdas/get-items"),
        ("streams", "lambdas/streams"),
    ]);
    // An earlier build made one of the folders.
    fs_err::create_dir_all(fixture.dir.path().join("target/lambda/get-items")).unwrap();
    let read = fixture.sam(
        r"
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: bootstrap, Runtime: provided.al2023}}
Resources:
  ListFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/get-items/
      Events:
        Http: {Type: HttpApi, Properties: {Path: /, Method: GET}}
    Metadata: {BuildMethod: makefile}
  ShowFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/get-item/
      Events:
        Http:
          Type: HttpApi
          Properties:
            Path: /{id}
            Method: GET
  StreamFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/streams/
      Events: {Table: {Type: DynamoDB, Properties: {Stream: !GetAtt T.StreamArn}}}
",
    );
    assert_eq!(
        routes(&read),
        ["GET / -> get-items 2.0", "GET /{id} -> get-item 2.0"]
    );
    assert_eq!(notes(&read), NO_NOTES);
    let lines: Vec<_> = read.routes.iter().map(|route| route.place.line).collect();
    assert_eq!(lines, [Some(10), Some(17)]);
}

#[test]
fn api_events_belong_to_the_implicit_rest_api() {
    let fixture = Fixture::new(&[("hello-world", "hello-world"), ("other", "other")]);
    let read = fixture.sam(
        r"
Resources:
  Greeter:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      CodeUri: hello-world/
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        CatchAll: {Type: Api, Properties: {Path: /hello/, Method: put}}
  Image:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      Events: {Any: {Type: Api, Properties: {Path: '/other/{proxy+}', Method: ANY}}}
    Metadata: {DockerContext: ./other, Dockerfile: Dockerfile}
",
    );
    assert_eq!(
        routes(&read),
        [
            "PUT /hello -> hello-world 1.0 Prod",
            "ANY /other/{proxy+} -> other 1.0 Prod"
        ]
    );
    assert_eq!(notes(&read), NO_NOTES);
}

#[test]
fn binaries_of_one_package_are_told_apart_by_their_names() {
    let fixture = Fixture::new(&[("report_url", "rust_app"), ("report_data", "rust_app")]);
    let template = |binary: &str| {
        format!(
            "
Resources:
  UrlFunction:
    Type: AWS::Serverless::Function
    Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: {binary}}}}}
    Properties:
      CodeUri: ./rust_app
      Handler: bootstrap
      Runtime: provided.al2023
      Events: {{Http: {{Type: Api, Properties: {{Path: /url, Method: get}}}}}}
"
        )
    };
    let read = fixture.sam(&template("report_url"));
    assert_eq!(routes(&read), ["GET /url -> report_url 1.0 Prod"]);
    let read = fixture.sam(&template("unknown"));
    assert_eq!(routes(&read), NO_NOTES);
    assert_eq!(
        notes(&read),
        [
            "4: the routes of `UrlFunction` are left out because no function of the project has its \
             name or its code"
        ]
    );
}

#[test]
fn the_only_functions_of_a_template_and_a_project_belong_together() {
    let fixture = Fixture::new(&[("handler", "src")]);
    let read = fixture.sam(
        r"
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  MyApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      BinaryMediaTypes: [image~1png]
      DefinitionBody: {openapi: '3.0'}
  LambdaFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: build/something
      Events:
        Api:
          Type: Api
          Properties: {Path: !Sub '/${Stage}/do', Method: POST, RestApiId: !Ref MyApi}
",
    );
    assert_eq!(routes(&read), ["POST /dev/do -> handler 1.0 dev"]);
    assert_eq!(read.routes[0].binary_media_types, ["image~1png"]);
    assert_eq!(
        notes(&read),
        ["5: the OpenAPI definition of `MyApi` is not read"]
    );
}

#[test]
fn several_functions_can_have_the_code_of_the_only_one() {
    let fixture = Fixture::new(&[("probe", "cmd/probe")]);
    let read = fixture.sam(
        r"
Resources:
  Buffered:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./bin, Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}
  Other:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./bin, Events: {B: {Type: Api, Properties: {Path: /b, Method: get}}}}
",
    );
    assert_eq!(
        routes(&read),
        ["GET /a -> probe 1.0 Prod", "GET /b -> probe 1.0 Prod"]
    );
}

#[test]
fn http_apis_have_a_default_route_payloads_and_rules_for_browsers() {
    let fixture = Fixture::new(&[("web", "web")]);
    let read = fixture.sam(
        r"
Globals:
  HttpApi:
    CorsConfiguration: true
  Function: {FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ['*'], MaxAge: 60}}}
Resources:
  Public:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: live
      CorsConfiguration:
        AllowOrigins: ['https://example.com']
        AllowMethods: [get, POST]
        AllowCredentials: true
  WebFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {InvokeMode: RESPONSE_STREAM}
      Events:
        Default: {Type: HttpApi}
        Old: {Type: HttpApi, Properties: {Path: /old, Method: any, PayloadFormatVersion: '1.0'}}
        Live: {Type: HttpApi, Properties: {Path: /live, Method: POST, ApiId: !Ref Public}}
",
    );
    assert_eq!(
        routes(&read),
        [
            "ANY $default -> web 2.0",
            "ANY /old -> web http-api-1.0",
            "POST /live -> web 2.0 live"
        ]
    );
    let cors = read.routes[0].cors.as_ref().unwrap();
    assert_eq!(cors.allow_origins, ["*"]);
    let cors = read.routes[2].cors.as_ref().unwrap();
    assert_eq!(cors.allow_origins, ["https://example.com"]);
    assert_eq!(cors.allow_methods, ["GET", "POST"]);
    assert!(cors.allow_credentials);
    let [url] = &read.function_urls[..] else {
        panic!("{read:?}");
    };
    assert!(url.is_streaming && url.function == "web");
    assert_eq!(url.cors.as_ref().unwrap().max_age, Some(60));
}

#[test]
fn rules_of_rest_apis_are_in_quotes_and_allow_the_methods_of_a_path() {
    let fixture = Fixture::new(&[("a", "a")]);
    let read = fixture.sam(
        r#"
Globals:
  Api: {Cors: {AllowOrigin: "'https://example.com'", AllowHeaders: "'X-A, X-B'", MaxAge: "'5'"}}
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: /a, Method: get}}
        Put: {Type: Api, Properties: {Path: /a, Method: put}}
        Other: {Type: Api, Properties: {Path: /b, Method: delete}}
"#,
    );
    let cors = read.routes[0].cors.as_ref().unwrap();
    assert_eq!(cors.allow_origins, ["https://example.com"]);
    assert_eq!(cors.allow_headers, ["X-A", "X-B"]);
    assert_eq!(cors.allow_methods, ["GET", "OPTIONS", "PUT"]);
    assert_eq!(cors.max_age, Some(5));
}

#[test]
fn events_that_are_not_known_or_not_valid_are_noted() {
    let fixture = Fixture::new(&[("a", "a")]);
    let read = fixture.sam(
        r"
Parameters: {Prefix: {Type: String}}
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        NoPath: {Type: HttpApi, Properties: {Method: get}}
        Unknown: {Type: HttpApi, Properties: {Path: !Sub '/${Prefix}', Method: get}}
        Invalid: {Type: HttpApi, Properties: {Path: '/a/{b+}/c', Method: get}}
        NoMethod: {Type: Api, Properties: {Path: /a}}
        Trace: {Type: Api, Properties: {Path: /a, Method: trace}}
        First: {Type: Api, Properties: {Path: '/a/{b}', Method: get}}
        Second: {Type: HttpApi, Properties: {Path: '/a/{c}', Method: get}}
  Python:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Events: {A: {Type: Api, Properties: {Path: /python, Method: get}}}
  Route: {Type: AWS::ApiGatewayV2::Route}
",
    );
    assert_eq!(routes(&read), ["GET /a/{b} -> a 1.0 Prod"]);
    assert_eq!(
        notes(&read),
        [
            "8: the event `NoPath` of `A` is left out: `Method` needs `Path`",
            "9: the event `Unknown` of `A` is left out: `Path` is only known when it is deployed",
            "10: the event `Invalid` of `A` is left out: `/a/{b+}/c` is not a valid path: `{b+}` is \
             not its last segment",
            "11: the event `NoMethod` of `A` is left out: `Method` is missing",
            "12: the event `Trace` of `A` is left out: `TRACE` is not a method of API Gateway",
            "14: `GET /a/{c}` is left out because line 13 has the same route",
            "16: the routes of `Python` are left out because its runtime is python3.13",
            "20: `Route` is left out because only routes in the events of functions are read",
        ]
    );
}

#[test]
fn templates_in_json_and_urls_of_their_own_are_read() {
    let fixture = Fixture::new(&[("probe", "cmd/probe"), ("other", "cmd/other")]);
    let read = fixture.read(
        "template.json",
        r#"{"Resources": {
  "Probe": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023"}},
  "ProbeUrl": {"Type": "AWS::Lambda::Url", "Properties": {
    "TargetFunctionArn": {"Fn::GetAtt": ["Probe", "Arn"]}, "InvokeMode": "RESPONSE_STREAM"}},
  "Other": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {
    "Get": {"Type": "HttpApi", "Properties": {"Path": "/x", "Method": "GET"}}}}}
}}"#,
    );
    assert_eq!(routes(&read), ["GET /x -> other 2.0"]);
    assert!(read.function_urls[0].is_streaming);
    assert_eq!(read.function_urls[0].function, "probe");
    assert_eq!(read.function_urls[0].place.line, Some(3));
}

#[test]
fn rest_apis_of_services_have_the_stage_of_the_provider() {
    let fixture = Fixture::new(&[
        ("auth", "functions/auth"),
        ("hello", "functions/hello"),
        ("me", "functions/me"),
    ]);
    let read = fixture.serverless(
        r"
service: greetings
provider:
  name: aws
  runtime: go1.x
  stage: ${opt:stage, 'test'}
  apiGateway: {binaryMediaTypes: ['image/*']}
functions:
  authorize: {handler: bin/auth}
  greet:
    handler: bin/hello
    events:
    - http: GET hello
    - http:
        path: /
        method: get
        authorizer: {name: authorize}
    - schedule: rate(1 hour)
  whoami:
    handler: bin/me
    events:
    - http: {path: '/me/{id}/', method: ANY, integration: lambda-proxy}
    - http: {path: /mapped, method: get, integration: lambda}
",
    );
    assert_eq!(
        routes(&read),
        [
            "GET /hello -> hello 1.0 test",
            "GET / -> hello 1.0 test",
            "ANY /me/{id} -> me 1.0 test"
        ]
    );
    assert_eq!(read.routes[0].binary_media_types, ["image/*"]);
    assert_eq!(
        notes(&read),
        [
            "23: an event of `whoami` is left out: the integration `lambda` does not pass on requests \
             as they are"
        ]
    );
}

#[test]
fn http_apis_of_services_share_a_payload_and_rules_for_browsers() {
    let fixture = Fixture::new(&[("users", "users"), ("old", "old"), ("web", "web")]);
    let read = fixture.serverless(
        r"
service: users
provider:
  name: aws
  runtime: provided.al2023
  httpApi: {cors: true}
custom: {base: /v1}
functions:
  users:
    handler: bootstrap
    url: {invokeMode: RESPONSE_STREAM, cors: true}
    events:
      - httpApi: 'GET ${self:custom.base}/users/{id}'
      - httpApi: {method: '*', path: '${self:custom.base}/users'}
  old:
    handler: old
    httpApi: {payload: '1.0'}
    url: true
    events: [{httpApi: {method: post, path: /old}}]
  web:
    handler: web
    events: [{httpApi: '*'}, {websocket: $connect}]
",
    );
    assert_eq!(
        routes(&read),
        [
            "GET /v1/users/{id} -> users 2.0",
            "ANY /v1/users -> users 2.0",
            "POST /old -> old http-api-1.0",
            "ANY $default -> web 2.0"
        ]
    );
    let cors = read.routes[0].cors.as_ref().unwrap();
    assert_eq!(cors.allow_methods, ["GET", "OPTIONS"]);
    assert!(cors.allow_headers.contains(&"Authorization".to_owned()));
    let urls = read.function_urls.iter();
    let urls: Vec<_> = urls
        .map(|url| (url.function.as_str(), url.is_streaming, url.cors.is_some()))
        .collect();
    assert_eq!(urls, [("users", true, true), ("old", false, false)]);
    assert_eq!(
        notes(&read),
        ["22: an event of `web` is left out: WebSocket APIs are not supported"]
    );
}

#[test]
fn rules_of_load_balancers_become_routes() {
    let fixture = Fixture::new(&[("a", "a"), ("b", "b")]);
    let read = fixture.serverless(
        r"
service: balanced
provider: {name: aws, runtime: provided.al2023}
functions:
  a:
    handler: bootstrap
    events:
      - alb:
          listenerArn: arn
          priority: 1
          conditions: {path: [/a, '/a/*'], method: [GET, POST]}
          multiValueHeaders: true
  b:
    handler: bootstrap
    events:
      - alb: {listenerArn: arn, priority: 2, conditions: {path: '/*'}}
      - alb: {listenerArn: arn, priority: 3, conditions: {path: /x, host: example.com}}
",
    );
    assert_eq!(
        routes(&read),
        [
            "GET /a -> a alb-multi-value",
            "POST /a -> a alb-multi-value",
            "GET /a/{proxy+} -> a alb-multi-value",
            "POST /a/{proxy+} -> a alb-multi-value",
            "ANY / -> b alb",
            "ANY /{proxy+} -> b alb"
        ]
    );
    assert_eq!(
        notes(&read),
        ["17: an event of `b` is left out: the condition `host` is not supported"]
    );
}

#[test]
fn services_with_other_forms_of_functions_are_read() {
    let fixture = Fixture::new(&[("create", "todos/create"), ("crate", "crates/todo")]);
    let read = fixture.serverless(
        r"
service: todos
provider: {name: aws, runtime: provided.al2023}
defaults: &defaults
  events: [{http: {path: todos, method: post, cors: {origins: [https://a.b]}}}]
functions:
  - createTodo:
      <<: *defaults
      handler: todos/create/main.go
  - other: {handler: todo.crate, events: [{httpApi: GET /x}]}
  - ${file(functions.yml)}
",
    );
    assert_eq!(
        routes(&read),
        ["POST /todos -> create 1.0 dev", "GET /x -> crate 2.0"]
    );
    let cors = read.routes[0].cors.as_ref().unwrap();
    assert_eq!(cors.allow_origins, ["https://a.b"]);
    assert_eq!(cors.allow_methods, ["OPTIONS", "POST"]);
    assert_eq!(notes(&read), ["11: functions of other files are not read"]);
}

#[test]
fn other_files_are_not_templates_and_broken_ones_are_noted() {
    let matcher = FunctionMatcher::new(Vec::new());
    let read = |text| read_template(Path::new("template.yaml"), text, &matcher);
    for text in [
        "",
        "kind: Deployment\n",
        "functions: {}\n",
        "Resources: {}\n",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    let broken = read("Resources:\n  A: {Type: AWS::Lambda::Function\n").unwrap();
    assert!(
        notes(&broken)[0].starts_with(": its routes cannot be read: "),
        "{broken:?}"
    );
}
