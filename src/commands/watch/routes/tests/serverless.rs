use crate::commands::watch::routes::tests::fixture::{Fixture, notes, routes};

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
        .map(|url| (url.function.as_str(), url.cors.is_some()))
        .collect();
    assert_eq!(urls, [("users", true), ("old", false)]);
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
fn aliases_of_the_maps_around_them_end() {
    let fixture = Fixture::new(&[("a", "a")]);
    for functions in ["&f {<<: *f, a: {events: [{http: GET a}]}}", "&f [*f]"] {
        let service = format!("service: a\nprovider: {{name: aws}}\nfunctions: {functions}\n");
        assert!(routes(&fixture.serverless(&service)).len() <= 1);
    }
}
