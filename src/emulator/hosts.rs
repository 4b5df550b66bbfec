//! The hosts that requests may name.
//!
//! A web page of another site can let a browser send requests to this server if the site's name
//! is made to resolve to 127.0.0.1 (DNS rebinding). Such requests name the other site as their
//! host, so only names of this machine are served.

use std::net::{IpAddr, Ipv6Addr};

/// The hosts that requests may name.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts {
    /// The host that the server listens on.
    listening: String,
}

/// A host that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) struct RequestHost {
    /// The host without its port.
    pub(in crate::emulator) name: String,
    /// The function, if the host is `NAME.localhost`.
    pub(in crate::emulator) function: Option<String>,
}

impl AllowedHosts {
    pub(crate) fn new(listening: &str) -> Self {
        Self {
            listening: listening.to_ascii_lowercase(),
        }
    }

    /// Parses the value of a `Host` header. Returns `None` if the host is not served.
    pub(in crate::emulator) fn parse(&self, header: &str) -> Option<RequestHost> {
        let name = without_port(header)?.to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
        let function = name.strip_suffix(".localhost").map(str::to_owned);
        let is_allowed = name == "localhost"
            || function
                .as_ref()
                .is_some_and(|function| !function.is_empty())
            || name == self.listening
            || parse_ip(&name).is_some_and(|ip| self.allows_ip(ip));
        is_allowed.then_some(RequestHost { name, function })
    }

    /// Rebinding needs a name, so every address is safe if the server listens on all of them.
    fn allows_ip(&self, ip: IpAddr) -> bool {
        let listening = parse_ip(&self.listening);
        ip.is_loopback() || listening.is_some_and(|own| own == ip || own.is_unspecified())
    }
}

fn parse_ip(name: &str) -> Option<IpAddr> {
    match name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        Some(address) => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse().ok(),
    }
}

/// Removes the port. Returns `None` if it is not a number.
fn without_port(header: &str) -> Option<&str> {
    let name_end = header.rfind(']').map_or(0, |end| end + 1);
    match header[name_end..].find(':') {
        None => Some(header),
        Some(colon) => {
            let (name, port) = header.split_at(name_end + colon);
            port[1..].parse::<u16>().ok().map(|_| name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_served() {
        let hosts = AllowedHosts::new("127.0.0.1");
        for (header, function) in [
            ("localhost:9000", None),
            ("LOCALHOST", None),
            ("localhost.", None),
            ("127.0.0.1:9000", None),
            ("127.0.0.2", None),
            ("[::1]:9000", None),
            ("orders.localhost:9000", Some("orders")),
            ("My_Fn.localhost", Some("my_fn")),
        ] {
            let host = hosts.parse(header).unwrap();
            assert_eq!(host.function.as_deref(), function, "{header}");
        }
        for header in [
            "evil.example",
            "localhost.evil.example",
            ".localhost",
            "192.168.1.2",
            "localhost:x",
            "localhost:9000:1",
            "[::1",
            "",
            "a@localhost:1@evil.example",
        ] {
            assert_eq!(hosts.parse(header), None, "{header}");
        }
    }

    #[test]
    fn the_chosen_host_is_served() {
        assert!(AllowedHosts::new("dev.test").parse("Dev.Test:1").is_some());
        let all = AllowedHosts::new("0.0.0.0");
        assert!(all.parse("192.168.1.2:9000").is_some());
        assert!(all.parse("evil.example").is_none());
    }
}
