//! The routing table: trunks by source address (the longest network wins), routes in order (the first match wins).

use std::net::IpAddr;

use ipnet::IpNet;

use super::header::{HeaderName, Template};
use super::pattern::Pattern;

/// More trunks are refused.
pub const TRUNKS_MAX: usize = 64;
/// More routes are refused.
pub const ROUTES_MAX: usize = 256;

/// Who calls us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trunk {
    /// What routes call it.
    pub name: String,
    /// Where its messages come from.
    pub sources: Vec<IpNet>,
    /// What it hands over with a call: kept in the record, told to the conversation.
    pub headers_in: Vec<HeaderName>,
    /// What it is handed, on our 200 and our INVITE.
    pub headers_out: Vec<(HeaderName, Template)>,
}

impl Trunk {
    /// The allow-listed headers among those that came, read, at most one of a name.
    pub fn handed_over(&self, headers: &[(&str, &str)]) -> Vec<(&HeaderName, String)> {
        let value = |name: &HeaderName| {
            let came = headers.iter().find(|(came, _)| came.eq_ignore_ascii_case(name.as_str()));
            came.and_then(|(_, value)| name.read(value))
        };
        self.headers_in.iter().filter_map(|name| Some((name, value(name)?))).collect()
    }
}

/// When a route is taken: all that is named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// The call comes by this trunk.
    pub trunk: Option<String>,
    /// The user part of the request URI.
    pub called: Option<Pattern>,
    /// Headers that must be there, and their values.
    pub headers: Vec<(HeaderName, Pattern)>,
}

/// A call that arrives.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Where its INVITE came from.
    pub source: IpAddr,
    /// The user part of its request URI; empty if there is none.
    pub called: &'a str,
    /// Names and values as they came.
    pub headers: &'a [(&'a str, &'a str)],
}

impl Condition {
    /// Whether every call that `other` takes is taken by this one.
    pub fn covers(&self, other: &Self) -> bool {
        let trunk = self.trunk.is_none() || self.trunk == other.trunk;
        let called = match (&self.called, &other.called) {
            (None, _) => true,
            (Some(wide), Some(narrow)) => wide.covers(narrow),
            (Some(_), None) => false,
        };
        let header = |(name, wide): &(HeaderName, Pattern)| {
            other.headers.iter().any(|(narrow_name, narrow)| name == narrow_name && wide.covers(narrow))
        };
        trunk && called && self.headers.iter().all(header)
    }

    fn takes(&self, arrival: &Arrival<'_>, trunk: Option<&Trunk>) -> bool {
        let came = |(name, pattern): &(HeaderName, Pattern)| {
            let mut values = arrival.headers.iter().filter(|(came, _)| came.eq_ignore_ascii_case(name.as_str()));
            values.any(|(_, value)| name.read(value).is_some_and(|value| pattern.matches(&value)))
        };
        self.trunk.as_deref().is_none_or(|name| trunk.is_some_and(|trunk| trunk.name == name))
            && self.called.as_ref().is_none_or(|pattern| pattern.matches(arrival.called))
            && self.headers.iter().all(came)
    }
}

/// Why a trunk or a route does not enter the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Two trunks could not be told apart.
    #[error("a trunk named {name:?} is there already")]
    NameTaken {
        /// Its name.
        name: String,
    },
    /// Two trunks could not be told apart.
    #[error("{network} belongs to the trunk {trunk:?} already")]
    SourceTaken {
        /// The network.
        network: IpNet,
        /// Whose it is.
        trunk: String,
    },
    /// No trunk has this name.
    #[error("no trunk is named {name:?}")]
    UnknownTrunk {
        /// As typed.
        name: String,
    },
    /// It could never match.
    #[error("an earlier route takes every call that this one would: it can never match")]
    NeverMatches {
        /// The earlier route, counted from 0 among those that are there.
        by: usize,
    },
    /// Over a bound.
    #[error("more than {TRUNKS_MAX} trunks or {ROUTES_MAX} routes")]
    TooMany,
}

/// The table: what a call is about (`C`), by trunk and routes.
#[derive(Debug, Clone)]
pub struct Routing<C> {
    trunks: Vec<Trunk>,
    routes: Vec<(Condition, C)>,
    otherwise: C,
}

impl<C> Routing<C> {
    /// A table in which every call is about `otherwise`.
    pub fn new(otherwise: C) -> Self {
        Self { trunks: Vec::new(), routes: Vec::new(), otherwise }
    }

    /// Adds a trunk.
    pub fn add_trunk(&mut self, trunk: Trunk) -> Result<(), RouteError> {
        if self.trunks.iter().any(|known| known.name == trunk.name) {
            return Err(RouteError::NameTaken { name: trunk.name });
        }
        for network in &trunk.sources {
            if let Some(known) = self.trunks.iter().find(|known| known.sources.contains(network)) {
                return Err(RouteError::SourceTaken { network: *network, trunk: known.name.clone() });
            }
        }
        if self.trunks.len() >= TRUNKS_MAX {
            return Err(RouteError::TooMany);
        }
        self.trunks.push(trunk);
        Ok(())
    }

    /// Adds a route behind those that are there; its trunk must be there.
    pub fn add_route(&mut self, condition: Condition, choice: C) -> Result<(), RouteError> {
        if let Some(name) = &condition.trunk
            && !self.trunks.iter().any(|trunk| trunk.name == *name)
        {
            return Err(RouteError::UnknownTrunk { name: name.clone() });
        }
        if let Some(by) = self.routes.iter().position(|(earlier, _)| earlier.covers(&condition)) {
            return Err(RouteError::NeverMatches { by });
        }
        if self.routes.len() >= ROUTES_MAX {
            return Err(RouteError::TooMany);
        }
        self.routes.push((condition, choice));
        Ok(())
    }

    /// Whose messages come from `source`.
    pub fn trunk(&self, source: IpAddr) -> Option<&Trunk> {
        let source = source.to_canonical();
        let networks = self.trunks.iter().flat_map(|trunk| trunk.sources.iter().map(move |network| (network, trunk)));
        let holding = networks.filter(|(network, _)| network.contains(&source));
        holding.max_by_key(|(network, _)| network.prefix_len()).map(|(_, trunk)| trunk)
    }

    /// What the call is about.
    pub fn choose(&self, arrival: &Arrival<'_>) -> &C {
        let trunk = self.trunk(arrival.source);
        let taken = self.routes.iter().find(|(condition, _)| condition.takes(arrival, trunk));
        taken.map_or(&self.otherwise, |(_, choice)| choice)
    }

    /// What a call is about that no route takes, and every call that we place.
    pub fn otherwise(&self) -> &C {
        &self.otherwise
    }

    /// Everything that a call can be about.
    pub fn choices(&self) -> impl Iterator<Item = &C> {
        std::iter::once(&self.otherwise).chain(self.routes.iter().map(|(_, choice)| choice))
    }

    /// Every trunk, in order.
    pub fn trunks(&self) -> &[Trunk] {
        &self.trunks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> HeaderName {
        HeaderName::parse(text).expect("a name")
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).expect("a pattern")
    }

    fn trunk(name: &str, sources: &[&str]) -> Trunk {
        let sources = sources.iter().map(|net| net.parse().expect("a network")).collect();
        Trunk { name: name.to_owned(), sources, headers_in: Vec::new(), headers_out: Vec::new() }
    }

    fn called(text: &str) -> Condition {
        Condition { called: Some(pattern(text)), ..Condition::default() }
    }

    fn arrival<'a>(source: &str, called: &'a str, headers: &'a [(&'a str, &'a str)]) -> Arrival<'a> {
        Arrival { source: source.parse().expect("an address"), called, headers }
    }

    /// Two trunks, one within the other's network, and a route of each kind.
    fn table() -> Routing<&'static str> {
        let mut table = Routing::new("otherwise");
        table.add_trunk(trunk("carrier", &["198.51.100.0/24", "2001:db8::/32"])).expect("new");
        table.add_trunk(trunk("pbx", &["198.51.100.7/32"])).expect("new");
        let english = Condition { headers: vec![(name("X-Lang"), pattern("en"))], ..called("4001*") };
        table.add_route(english, "english").expect("reachable");
        table.add_route(called("4001*"), "education").expect("reachable");
        let pbx = Condition { trunk: Some("pbx".to_owned()), ..Condition::default() };
        table.add_route(pbx, "pbx").expect("reachable");
        table
    }

    #[test]
    fn the_first_route_whose_conditions_all_hold_is_taken() {
        let table = table();
        let chosen = |source, called, headers: &[(&str, &str)]| *table.choose(&arrival(source, called, headers));
        assert_eq!(chosen("192.0.2.1", "40012", &[("x-lang", "en")]), "english");
        assert_eq!(chosen("192.0.2.1", "40012", &[("X-Lang", "zh")]), "education");
        assert_eq!(chosen("192.0.2.1", "4001", &[]), "education");
        assert_eq!(chosen("198.51.100.7", "5", &[]), "pbx");
        assert_eq!(chosen("198.51.100.8", "5", &[]), "otherwise");
        assert_eq!(chosen("192.0.2.1", "", &[("X-Lang", "en")]), "otherwise");
    }

    #[test]
    fn a_source_belongs_to_the_trunk_with_the_longest_network() {
        let table = table();
        let of = |source: &str| table.trunk(source.parse().expect("an address")).map(|trunk| trunk.name.as_str());
        assert_eq!((of("198.51.100.7"), of("::ffff:198.51.100.9")), (Some("pbx"), Some("carrier")));
        assert_eq!((of("2001:db8::1"), of("203.0.113.1")), (Some("carrier"), None));
    }

    #[test]
    fn a_route_that_an_earlier_one_covers_is_refused() {
        let mut table = table();
        assert_eq!(table.add_route(called("40012"), "x"), Err(RouteError::NeverMatches { by: 1 }));
        let narrower = Condition { trunk: Some("pbx".to_owned()), ..called("7") };
        assert_eq!(table.add_route(narrower, "x"), Err(RouteError::NeverMatches { by: 2 }));
        assert_eq!(table.add_route(called("7"), "wider than pbx"), Ok(()));
        assert_eq!(table.add_route(Condition::default(), "all"), Ok(()));
        assert_eq!(table.add_route(called("8"), "x"), Err(RouteError::NeverMatches { by: 4 }));
    }

    #[test]
    fn trunks_that_could_not_be_told_apart_and_unknown_ones_are_refused() {
        let mut table = table();
        let taken = RouteError::NameTaken { name: "pbx".to_owned() };
        assert_eq!(table.add_trunk(trunk("pbx", &["203.0.113.1/32"])), Err(taken));
        let network = "198.51.100.7/32".parse().expect("a network");
        let taken = RouteError::SourceTaken { network, trunk: "pbx".to_owned() };
        assert_eq!(table.add_trunk(trunk("other", &["198.51.100.7/32"])), Err(taken));
        let unknown = Condition { trunk: Some("pxb".to_owned()), ..Condition::default() };
        assert_eq!(table.add_route(unknown, "x"), Err(RouteError::UnknownTrunk { name: "pxb".to_owned() }));
    }

    #[test]
    fn only_allow_listed_headers_are_handed_over() {
        let mut pbx = trunk("pbx", &[]);
        pbx.headers_in = vec![name("X-Customer-Name"), name("User-to-User"), name("X-Absent")];
        let came = [("x-customer-name", "张三"), ("X-Secret", "1"), ("User-To-User", "4c2d3432;encoding=hex")];
        let handed = pbx.handed_over(&came);
        let shown: Vec<(String, &str)> = handed.iter().map(|(name, value)| (name.fact(), value.as_str())).collect();
        assert_eq!(shown, [("customer_name".to_owned(), "张三"), ("user_to_user".to_owned(), "L-42")]);
    }

    fn conditions() -> impl Strategy<Value = Condition> {
        let trunk = prop::option::of(prop::sample::select(vec!["carrier".to_owned(), "pbx".to_owned()]));
        let header = prop::collection::vec((prop::sample::select(vec!["X-A", "x-b"]), "[ab*?]{1,3}"), 0..3);
        (trunk, prop::option::of("[4a*?]{1,4}"), header).prop_map(|(trunk, called, headers)| Condition {
            trunk,
            called: called.map(|text| pattern(&text)),
            headers: headers.into_iter().map(|(header, value)| (name(header), pattern(&value))).collect(),
        })
    }

    proptest! {
        #[test]
        fn a_refused_route_would_never_have_matched(
            first in conditions(), second in conditions(), number in "[4a]{0,4}", a in "[ab]{0,3}", b in "[ab]{0,3}"
        ) {
            let mut table = table();
            table.routes.clear();
            table.add_route(first, "first").expect("reachable");
            if table.add_route(second.clone(), "second").is_err() {
                let headers = [("X-A", a.as_str()), ("X-B", b.as_str())];
                for source in ["198.51.100.7", "198.51.100.8", "192.0.2.1"] {
                    let arrival = arrival(source, &number, &headers);
                    let trunk = table.trunk(arrival.source);
                    prop_assert!(!second.takes(&arrival, trunk) || *table.choose(&arrival) == "first");
                }
            }
        }
    }
}
