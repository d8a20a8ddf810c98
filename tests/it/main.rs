//! What the parts do together, seen from outside: the binary as users run it, the library over
//! records of our own, the live client against a registry that misbehaves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod archive;
mod brief;
mod browser;
mod browser_access;
mod browser_private;
mod browser_script;
mod browser_tour;
mod browser_use;
mod burden;
mod cases;
mod changes;
mod classification;
mod cli;
mod criteria;
mod cron;
mod damaged;
mod eligibility;
mod export;
mod fake_registry;
#[cfg(target_os = "linux")]
mod faults;
mod fhir;
mod floors;
mod forms;
mod grade;
mod hosted;
mod hostile;
mod html;
mod infected;
mod invariants;
mod killed;
#[cfg(unix)]
mod leftovers;
mod live;
mod metrics;
mod missing;
mod named_only;
mod near;
mod never_barred;
mod of_others;
mod openapi;
mod over_the_wire;
mod page_about;
mod page_changes;
mod page_find;
mod page_map;
mod page_me;
mod page_script;
mod page_study;
mod panel;
mod plain;
mod positions;
mod profile;
mod profiles;
#[cfg(unix)]
mod progress;
mod reach;
mod reading;
mod readme;
mod refresh;
mod regions;
mod replay;
mod rules;
mod score;
mod screen;
mod secrets;
mod serve;
mod serve_api;
mod serve_pages;
mod server;
mod shared;
mod store;
mod stored;
mod support;
mod sync;
mod tables;
mod turned;
mod unsaid;
mod washout;
mod watch;
mod weekly;
mod wrong_input;
