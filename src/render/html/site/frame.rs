//! What pages must know of how they are served: who can read what is sent to them, and how fresh the data are.

use chrono::NaiveDate;

use crate::provenance::Source;

/// Who can read what is sent to the pages, on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: it stays on this machine.
    Machine,
    /// Nobody: it is encrypted as far as the server.
    Encrypted,
    /// Whoever is on the way.
    Open,
}

impl Reach {
    /// Says whether facts about a patient may be asked for.
    pub fn takes_facts(self) -> bool {
        self != Self::Open
    }

    /// What becomes of the city that a search is told.
    pub(super) fn of_city(self) -> &'static str {
        match self {
            Self::Machine => {
                "It stands in the address of the page, on this machine, and goes no further."
            }
            Self::Encrypted => {
                "It stands in the address of the page, which your browser and this server may keep."
            }
            Self::Open => "It is not asked for here.",
        }
    }
}

/// How the data that are held come to be fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// They were read at the start, and are not read again.
    ReadOnce,
    /// They are brought up to date by themselves; the first time is under way.
    FirstReading,
    /// They are brought up to date by themselves, and the last time was well.
    UpToDate,
    /// They are brought up to date by themselves, and the last time failed.
    LastTryFailed,
}

impl Freshness {
    /// What must be seen first of data that are held.
    pub fn alarms(self, source: &Source, today: NaiveDate) -> Vec<String> {
        let why = match self {
            Self::FirstReading => {
                Some("The registry is being read now. Until that is done, older data are shown.")
            }
            Self::LastTryFailed => Some(
                "The registry could not be read when it was last asked. Older data are shown. It is asked again by itself.",
            ),
            Self::ReadOnce | Self::UpToDate => None,
        };
        let Some(why) = why else {
            return source.notices(today);
        };
        // What went before the start says nothing about now.
        let plain = Source {
            fallback: None,
            ..source.clone()
        };
        let mut alarms = vec![why.to_owned()];
        alarms.extend(plain.notices(today));
        alarms
    }

    /// How the data are kept, in a sentence or two.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::ReadOnce => {
                "The data were read when the program was started. To read them again, start it again."
            }
            Self::FirstReading => {
                "The program brings its data up to date by itself. It is reading the registry for the first time since its start; what was there before is shown until that is done."
            }
            Self::UpToDate => {
                "The program brings its data up to date by itself, again and again. The last time went well."
            }
            Self::LastTryFailed => {
                "The program brings its data up to date by itself. The last time failed; what was read before is shown, and it tries again."
            }
        }
    }
}
