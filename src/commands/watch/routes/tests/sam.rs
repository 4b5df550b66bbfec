use std::path::Path;

use crate::commands::watch::routes::function_match::FunctionMatcher;
use crate::commands::watch::routes::template::read_template;
use crate::commands::watch::routes::tests::fixture::{Fixture, NO_NOTES, notes, routes};

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
    assert_eq!(url.function, "web");
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
    assert_eq!(read.function_urls[0].function, "probe");
    assert_eq!(read.function_urls[0].place.line, Some(3));
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
