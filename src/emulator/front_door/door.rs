//! Decides which function or API a request is for.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};

use crate::emulator::FunctionError;
use crate::emulator::api::is_preflight;
use crate::emulator::front_door::route_table::{CurrentRoutes, RouteTable};
use crate::emulator::front_door::{api, cors, invoke, url};
use crate::emulator::hosts::{AllowedHosts, RequestHost};
use crate::emulator::http_request::HttpRequest;
use crate::emulator::http_server::{BodyError, Reply, ReplyBody, RequestBody, header, reply};
use crate::emulator::invoke_api::ApiError;
use crate::emulator::limits::MAX_REQUEST;
use crate::emulator::pool::Call;
use crate::emulator::served_function::{ServedFunction, ServedFunctions};
use crate::emulator::{ids, invoke_api, percent};
use crate::lambda::PayloadFormat;

/// Something that the server did for a caller.
#[derive(Debug)]
pub(crate) enum DoorEvent<'a> {
    /// A request was answered, or its streamed answer began.
    Answered {
        method: &'a str,
        /// The path, without the query.
        path: &'a str,
        function: Option<&'a str>,
        request_id: &'a str,
        status: u16,
        duration: Duration,
    },
    /// An event of an asynchronous invocation failed, and is sent again after this time or, if
    /// there is none, given up.
    BackgroundFailed {
        function: &'a str,
        request_id: &'a str,
        error: &'a FunctionError,
        attempt: u32,
        retry_after: Option<Duration>,
    },
    /// The response of a function is not valid for a function URL, or for its route.
    InvalidResponse {
        function: &'a str,
        request_id: &'a str,
        reason: &'a str,
    },
}

/// Receives the events of the server.
pub(crate) type DoorObserver = Arc<dyn Fn(DoorEvent<'_>) + Send + Sync>;

/// Serves the callers of functions.
pub(crate) struct FrontDoor {
    pub(crate) functions: Arc<ServedFunctions>,
    pub(crate) hosts: AllowedHosts,
    pub(crate) routes: CurrentRoutes,
    pub(crate) port: u16,
    pub(crate) observer: DoorObserver,
}

/// A request before its body is read.
pub(super) struct DoorRequest {
    pub(super) head: Parts,
    pub(super) body: Incoming,
    pub(super) request_id: String,
    pub(super) trace_id: String,
}

/// A request with its body.
pub(super) struct ReadRequest {
    pub(super) head: Parts,
    body: Bytes,
    request_id: String,
    trace_id: String,
    /// When the body had arrived.
    time: SystemTime,
}

impl DoorRequest {
    /// Reads the body.
    pub(super) async fn read(self) -> Result<ReadRequest, BodyError> {
        Ok(ReadRequest {
            body: RequestBody::read_limited(self.body, MAX_REQUEST).await?,
            head: self.head,
            request_id: self.request_id,
            trace_id: self.trace_id,
            time: SystemTime::now(),
        })
    }
}

impl ReadRequest {
    /// The call of a function with the event of this request, and the head of the request. The
    /// event contains the body, which is not kept a second time during the call.
    pub(super) fn into_call(self, function: &str, event: String) -> (Parts, Call) {
        let call = Call {
            payload: event.into(),
            request_id: self.request_id,
            function_arn: ids::function_arn(function),
            trace_id: self.trace_id,
            ..Call::default()
        };
        (self.head, call)
    }

    /// The request as the function's event describes it.
    pub(super) fn to_http<'a>(
        &'a self,
        door: &FrontDoor,
        host: &'a RequestHost,
        raw_path: &'a str,
        api_id: &'a str,
    ) -> HttpRequest<'a> {
        let peer = self.head.extensions.get::<SocketAddr>();
        HttpRequest {
            method: &self.head.method,
            raw_path,
            raw_query: self.head.uri.query().unwrap_or(""),
            headers: &self.head.headers,
            body: &self.body,
            api_id,
            domain_name: &host.name,
            port: door.port,
            source_ip: peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip),
            request_id: &self.request_id,
            trace_id: &self.trace_id,
            time: self.time,
        }
    }
}

/// The function or API that a request is for.
enum Target {
    Invoke,
    Url {
        function: Arc<ServedFunction>,
        host: RequestHost,
        /// The encoded path for the function.
        path: String,
    },
    /// A request for an API with these routes.
    Api {
        table: Arc<RouteTable>,
        host: RequestHost,
    },
    Rejected(Reply),
}

impl FrontDoor {
    /// Responds to a request. Every request gets a response.
    pub(crate) async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Option<Reply> {
        let started = Instant::now();
        let (head, body) = request.into_parts();
        let (method, path) = (head.method.clone(), head.uri.path().to_owned());
        let request_id = ids::new_request_id();
        let trace_id = header(&head.headers, "x-amzn-trace-id")
            .filter(|id| !id.is_empty())
            .map_or_else(ids::new_trace_id, str::to_owned);
        let target = self.target(&head);
        let request = DoorRequest {
            head,
            body,
            request_id: request_id.clone(),
            trace_id,
        };
        let (function, reply) = match target {
            Target::Invoke => invoke::handle(&self, request).await,
            Target::Url {
                function,
                host,
                path,
            } => {
                let reply = self.answer_url(&function, &host, &path, request).await;
                (Some(function.name().to_owned()), reply)
            }
            Target::Api { table, host } => api::handle(&self, &table, &host, request).await,
            Target::Rejected(reply) => (None, reply),
        };
        (self.observer)(DoorEvent::Answered {
            method: method.as_str(),
            path: &path,
            function: function.as_deref(),
            request_id: &request_id,
            status: reply.status().as_u16(),
            duration: started.elapsed(),
        });
        Some(reply)
    }

    /// Answers a request for a function URL, with the rules for other origins if there are any.
    async fn answer_url(
        &self,
        function: &Arc<ServedFunction>,
        host: &RequestHost,
        path: &str,
        request: DoorRequest,
    ) -> Reply {
        let table = self.routes.get();
        let Some(rules) = table.url_cors.get(function.name()) else {
            return url::handle(self, function, host, path, request).await;
        };
        let headers = &request.head.headers;
        let format = PayloadFormat::FunctionUrl;
        if is_preflight(&request.head.method, headers) {
            return cors::preflight(rules, format, headers);
        }
        let origin = headers.get(ORIGIN).cloned();
        let mut answer = url::handle(self, function, host, path, request).await;
        cors::add_headers(rules, format, origin.as_ref(), &mut answer);
        answer
    }

    fn target(&self, head: &Parts) -> Target {
        let path = head.uri.path();
        if !path.starts_with('/') {
            // `CONNECT host:port`, which asks for a proxy, and `OPTIONS *`.
            return bad_request("the target of the request is not a path");
        }
        // A client may send an absolute URI, whose host then counts.
        let authority = head.uri.authority().map(|authority| authority.as_str());
        let is_ambiguous = head.headers.get_all(HOST).iter().count() > 1;
        let named = authority.or_else(|| header(&head.headers, "host"));
        let Some(named) = named.filter(|host| !host.is_empty() && !is_ambiguous) else {
            return bad_request("the request has no valid `Host` header");
        };
        let Some(host) = self.hosts.parse(named) else {
            let text = format!(
                "requests for the host `{named}` are not served, so that other sites cannot use \
                 this server; use `localhost`, or pass `--host` with the name of this machine\n"
            );
            return Target::Rejected(text_reply(StatusCode::FORBIDDEN, &text));
        };
        if let Some(name) = &host.function {
            return match self.functions.get_ignoring_case(name) {
                Some(function) => Target::Url {
                    function,
                    path: path.to_owned(),
                    host,
                },
                None => self.no_function(name),
            };
        }
        if invoke_api::is_api_path(path) {
            return Target::Invoke;
        }
        if let Some(rest) = path.strip_prefix("/lambda-url/") {
            let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let name = percent::decode(name);
            return match self.functions.get(&name) {
                Some(function) => Target::Url {
                    function,
                    path: if rest.is_empty() { "/" } else { rest }.to_owned(),
                    host,
                },
                None => self.no_function(&name),
            };
        }
        let table = self.routes.get();
        if table.has_routes() {
            return Target::Api { table, host };
        }
        match self.functions.only() {
            Some(function) => Target::Url {
                function,
                path: path.to_owned(),
                host,
            },
            None => self.not_found("the request names no function"),
        }
    }

    fn no_function(&self, name: &str) -> Target {
        self.not_found(&format!("there is no function called `{name}`"))
    }

    fn not_found(&self, why: &str) -> Target {
        let mut text = format!("{why}; the functions here are:\n");
        for function in self.functions.all() {
            text += &format!("  http://{}.localhost:{}/\n", function.name(), self.port);
        }
        Target::Rejected(text_reply(StatusCode::NOT_FOUND, &text))
    }
}

fn bad_request(why: &str) -> Target {
    Target::Rejected(text_reply(StatusCode::BAD_REQUEST, &format!("{why}\n")))
}

/// An error of the Invoke API. Function URLs answer with them as well if a request does not reach
/// the function.
pub(super) fn api_error(error: &ApiError) -> Reply {
    error.to_response().map(ReplyBody::full)
}

/// A response with plain text.
pub(super) fn text_reply(status: StatusCode, text: &str) -> Reply {
    let headers = [("Content-Type", "text/plain; charset=utf-8")];
    reply(status, headers, text.to_owned())
}
