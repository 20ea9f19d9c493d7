//! `[[trunk]]` and `[[route]]`: what was typed, and the routing table made of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::asr::Language;
use crate::conversation::Persona;
use crate::sip::EXTRA_HEADERS_MAX;
use crate::trunk::{Condition, HeaderError, HeaderName, Pattern, RouteError, Routing, Template, Trunk};

use super::Choice;
use super::place::Place;
use super::raw::networks;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrunk {
    name: String,
    sources: Vec<String>,
    #[serde(default)]
    headers_in: Vec<String>,
    #[serde(default)]
    headers_out: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRoute {
    trunk: Option<String>,
    called: Option<String>,
    #[serde(default)]
    header: BTreeMap<String, String>,
    campaign: Option<PathBuf>,
    language: Option<Language>,
    persona: Option<Persona>,
}

/// The table; what cannot enter it is refused with its place.
pub(super) fn routing(
    place: &Place<'_>,
    otherwise: Choice,
    trunks: Vec<RawTrunk>,
    routes: Vec<RawRoute>,
) -> Routing<Choice> {
    let mut routing = Routing::new(otherwise);
    for (n, raw) in trunks.into_iter().enumerate() {
        let trunk = raw.check(place, &format!("trunk.{n}"));
        let name = trunk.name.clone();
        if let Err(why) = routing.add_trunk(trunk) {
            let key = match &why {
                RouteError::SourceTaken { .. } => format!("trunk.{n}.sources"),
                RouteError::NameTaken { .. }
                | RouteError::UnknownTrunk { .. }
                | RouteError::NeverMatches { .. }
                | RouteError::TooMany => format!("trunk.{n}.name"),
            };
            place.refuse(&key, format_args!("{name:?}"), why, "each trunk has a name and sources of its own");
        }
    }
    let mut entered = Vec::new();
    for (n, raw) in routes.into_iter().enumerate() {
        let key = format!("route.{n}");
        let choice = Choice {
            campaign: raw.campaign.clone().unwrap_or_else(|| routing.otherwise().campaign.clone()),
            language: raw.language.unwrap_or(routing.otherwise().language),
            persona: raw.persona.or(routing.otherwise().persona),
        };
        let Some(condition) = raw.condition(place, &key) else { continue };
        let named = condition.trunk.clone().unwrap_or_default();
        let number = format!("number {}", n + 1);
        match routing.add_route(condition, choice) {
            Ok(()) => entered.push(key),
            Err(RouteError::NeverMatches { by }) => {
                let line = entered.get(by).map_or(0, |earlier| place.line(earlier));
                let why = format!("the route in line {line} takes every call that this one would: it can never match");
                place.refuse(&key, number, why, "the first match wins: move it up, or remove it");
            }
            Err(why @ RouteError::UnknownTrunk { .. }) => {
                let way_out = "write the name of a [[trunk]], or leave it out: calls of every trunk";
                place.refuse(&format!("{key}.trunk"), format_args!("{named:?}"), why, way_out);
            }
            Err(why @ (RouteError::TooMany | RouteError::NameTaken { .. } | RouteError::SourceTaken { .. })) => {
                place.refuse(&key, number, why, "join routes by wider patterns");
            }
        }
    }
    routing
}

impl RawTrunk {
    fn check(self, place: &Place<'_>, key: &str) -> Trunk {
        let sources = format!("{key}.sources");
        if self.sources.is_empty() {
            place.refuse(&sources, "[]", "no call would come by this trunk", "name its addresses or networks");
        }
        for (list, len) in [("headers_in", self.headers_in.len()), ("headers_out", self.headers_out.len())] {
            if len > EXTRA_HEADERS_MAX {
                place.refuse(
                    &format!("{key}.{list}"),
                    len,
                    format_args!("a message carries at most {EXTRA_HEADERS_MAX} of them"),
                    "name fewer headers",
                );
            }
        }
        let headers_in = self.headers_in.iter().enumerate().filter_map(|(n, name)| {
            let at = format!("{key}.headers_in.{n}");
            HeaderName::parse(name).map_err(|why| refuse_header(place, &at, name, &why)).ok()
        });
        let headers_out = self.headers_out.iter().filter_map(|(name, value)| {
            let at = format!("{key}.headers_out.{name}");
            let header = HeaderName::parse(name).map_err(|why| refuse_header(place, &at, name, &why)).ok();
            let template = Template::parse(value).map_err(|why| refuse_header(place, &at, value, &why)).ok();
            header.zip(template)
        });
        Trunk {
            headers_in: headers_in.collect(),
            headers_out: headers_out.collect(),
            sources: networks(place, &sources, self.sources),
            name: self.name,
        }
    }
}

fn refuse_header(place: &Place<'_>, key: &str, typed: &str, why: &HeaderError) {
    let way_out = match why {
        HeaderError::Name { .. } => "only X-NAME, of letters, digits and hyphens, and User-to-User are handed on",
        HeaderError::Placeholder { .. } => "there are {call}, {campaign} and {language}",
        HeaderError::Value { .. } => "write at most 256 bytes on one line",
    };
    place.refuse(key, format_args!("{typed:?}"), why, way_out);
}

impl RawRoute {
    /// The condition, if all of it can be read.
    fn condition(self, place: &Place<'_>, key: &str) -> Option<Condition> {
        let pattern = |key: &str, text: &str| {
            let refuse =
                |why| place.refuse(key, format_args!("{text:?}"), why, "* stands for any characters, ? for one");
            Pattern::parse(text).map_err(refuse).ok()
        };
        let header = |(name, value): (&String, &String)| {
            let at = format!("{key}.header.{name}");
            let header = HeaderName::parse(name).map_err(|why| refuse_header(place, &at, name, &why)).ok();
            header.zip(pattern(&at, value))
        };
        let headers: Vec<Option<_>> = self.header.iter().map(header).collect();
        let called = self.called.as_deref().map(|text| pattern(&format!("{key}.called"), text));
        Some(Condition {
            trunk: self.trunk,
            called: match called {
                Some(called) => Some(called?),
                None => None,
            },
            headers: headers.into_iter().collect::<Option<_>>()?,
        })
    }
}
