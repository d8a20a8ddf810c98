//! Places by the names that people give them: to find where distances are counted from.
//!
//! A patient is never placed by a guess. A name that several places bear is an error that lists them, unless one of them
//! dominates (see [`Gazetteer::find`]); a name that none bears is an error that offers the nearest names.

mod load;
mod position;

use std::cmp::Reverse;
use std::fmt;
use std::sync::LazyLock;

use super::fold::{fold, quoted};
use super::{Country, GeoPoint, Region};
use load::Division;
pub use position::{Position, SitePlace};

/// Characters of the longest text that is looked up; no place has so long a name.
const MOST_CHARACTERS: usize = 100;

/// How alike a name must be (Jaro-Winkler, 0 to 1) before it is offered for one that is not known.
const OFFER_FROM: f64 = 0.8;

/// Names offered at most.
const MOST_OFFERED: usize = 5;

/// Choices listed at most.
const MOST_CHOICES: usize = 20;

/// Thousands of people from which a place may dominate others of its name.
const DOMINANT_THOUSANDS: u32 = 500;

/// How many times as many people a dominating place has as the next of its name.
const DOMINANT_TIMES: u32 = 20;

/// Within so many kilometres two places of one name count as one: a city and its part, or a city on both sides of a
/// border. Distances are good to the city only.
const SAME_PLACE_KM: f64 = 15.0;

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::embedded);

/// The places of `gazetteer.tsv`: those of 15,000 people or more in the regions but [`Region::Other`], and cities that
/// occur as sites. It is unpacked on the first use.
#[derive(Debug, Default)]
pub struct Gazetteer {
    places: Vec<NamedPlace>,
    /// Names made comparable, sorted, each with the index of a place.
    keys: Vec<(String, usize)>,
}

/// A place of the gazetteer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamedPlace {
    name: &'static str,
    country: Country,
    division: Option<&'static Division>,
    point: GeoPoint,
    /// People in thousands.
    thousands: u32,
}

/// The place that a text names.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The place.
    pub place: NamedPlace,
    /// Smaller places of the same name that it dominates, the largest first: whoever is told of the place is to be told
    /// of them.
    pub passed_over: Vec<NamedPlace>,
}

/// Why a text names no one place. Holds the text, shortened.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaceError {
    /// No place of the name is known.
    Unknown {
        /// What was written.
        text: String,
        /// Places of similar names, the likest first; may be empty.
        nearest: Vec<NamedPlace>,
    },
    /// Several places bear the name, and none dominates.
    Ambiguous {
        /// What was written.
        text: String,
        /// The places, the largest first; two or more.
        choices: Vec<NamedPlace>,
    },
    /// Places of the name are known, but not in the country or division that was written behind it.
    Elsewhere {
        /// What was written.
        text: String,
        /// The places, the largest first.
        choices: Vec<NamedPlace>,
    },
}

impl NamedPlace {
    /// The name, in the spelling of GeoNames.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The first-level division in English (`Illinois`, `England`); `None` where the gazetteer has none.
    pub fn division(&self) -> Option<&'static str> {
        self.division.map(|division| division.name)
    }

    /// The country.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The centre, good to 0.01 degrees.
    pub fn point(&self) -> GeoPoint {
        self.point
    }

    /// Whether it lies in the country or division that `qualifier` (folded) names.
    fn lies_in(&self, qualifier: &str) -> bool {
        // England names a part of the United Kingdom here, though elsewhere it may stand for the whole.
        if let Some(division) = Division::of(self.country, qualifier) {
            return self.division == Some(division);
        }
        Country::find(qualifier).is_some_and(|one| self.country.belongs_to(one))
    }
}

impl fmt::Display for NamedPlace {
    /// Writes `Leeds, England, United Kingdom`, which [`Gazetteer::find`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(division) = self.division() {
            write!(f, ", {division}")?;
        }
        write!(f, ", {}", self.country)
    }
}

impl Gazetteer {
    /// Unpacks it on a thread of its own, for whoever will need it soon.
    pub fn unpack_soon() {
        std::thread::spawn(|| LazyLock::force(&GAZETTEER));
    }

    /// Finds the place that `text` names: a name, also with its division or country behind it (`Leeds`, `Leeds, UK`,
    /// `Springfield, IL`, `Portland Oregon`, `北京`). Case, diacritics and punctuation do not matter.
    ///
    /// Of several places of the name one is taken only if it dominates: in one of the regions but [`Region::Other`],
    /// with 500,000 people or more, and 20 times as many as the next (`London` is the one in England, with 21 times the
    /// people of London, Ontario). Places within 15 km of the largest are one with it.
    ///
    /// # Errors
    ///
    /// [`PlaceError`], if no place or more than one can be meant.
    pub fn find(text: &str) -> Result<Found, PlaceError> {
        if text.chars().nth(MOST_CHARACTERS).is_some() {
            return Err(PlaceError::Unknown {
                text: quoted(text),
                nearest: Vec::new(),
            });
        }
        GAZETTEER.find_in(text)
    }

    fn find_in(&self, text: &str) -> Result<Found, PlaceError> {
        let parts = text.split([',', '，']).map(fold);
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        let Some((name, qualifiers)) = parts.split_first() else {
            return Err(self.unknown(text, "", &[]));
        };
        let named = self.named(name);
        if !named.is_empty() {
            return settled(text, named, qualifiers);
        }
        // "Leeds UK" has no comma to tell the name from what lies behind it.
        let splits = name.match_indices(' ').rev();
        for (at, _) in splits {
            let behind = name.get(at + 1..).unwrap_or_default().to_owned();
            let named = self.named(name.get(..at).unwrap_or_default());
            if named.iter().any(|place| place.lies_in(&behind)) {
                return settled(text, named, &[&[behind], qualifiers].concat());
            }
        }
        Err(self.unknown(text, name, qualifiers))
    }

    /// The places of a folded name, the largest first.
    fn named(&self, name: &str) -> Vec<NamedPlace> {
        let places = self.of_key(&key(name));
        if !places.is_empty() {
            return places;
        }
        // 北京市 is the city of 北京; the table has the names without it.
        let bare = name.strip_suffix('市');
        bare.map_or_else(Vec::new, |bare| self.of_key(bare))
    }

    fn of_key(&self, key: &str) -> Vec<NamedPlace> {
        let start = self.keys.partition_point(|(one, _)| one.as_str() < key);
        let keys = self.keys.iter().skip(start);
        let indices = keys.take_while(|(one, _)| one == key).map(|(_, at)| *at);
        let mut places: Vec<NamedPlace> = indices
            .filter_map(|at| self.places.get(at).copied())
            .collect();
        places.sort_by_key(|place| Reverse(place.thousands));
        places
    }

    /// The error for a name that is not known: offered are the likest names, those in the written country first.
    fn unknown(&self, text: &str, name: &str, qualifiers: &[String]) -> PlaceError {
        let wanted = key(name);
        let mut alike: Vec<(bool, f64, NamedPlace)> = self
            .keys
            .iter()
            .map(|(key, at)| (strsim::jaro_winkler(key, &wanted), at))
            .filter(|(likeness, _)| *likeness >= OFFER_FROM)
            .filter_map(|(likeness, at)| {
                let place = *self.places.get(*at)?;
                let inside = qualifiers.iter().all(|one| place.lies_in(one));
                Some((inside, likeness, place))
            })
            .collect();
        alike.sort_by(|a, b| {
            let size = b.2.thousands.cmp(&a.2.thousands);
            b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(size)
        });
        let mut nearest: Vec<NamedPlace> = Vec::new();
        for (_, _, place) in alike {
            // A place stands under several names.
            if nearest.len() < MOST_OFFERED && !nearest.contains(&place) {
                nearest.push(place);
            }
        }
        PlaceError::Unknown {
            text: quoted(text),
            nearest,
        }
    }
}

/// Settles which of the places of a name is meant; `named` holds at least one, the largest first.
fn settled(text: &str, named: Vec<NamedPlace>, qualifiers: &[String]) -> Result<Found, PlaceError> {
    let is_meant = |place: &NamedPlace| qualifiers.iter().all(|one| place.lies_in(one));
    let meant: Vec<NamedPlace> = named.iter().copied().filter(is_meant).collect();
    let Some((first, others)) = meant.split_first() else {
        return Err(PlaceError::Elsewhere {
            text: quoted(text),
            choices: named,
        });
    };
    let is_other = |place: &&NamedPlace| first.point.distance_km(&place.point) > SAME_PLACE_KM;
    let others: Vec<NamedPlace> = others.iter().filter(is_other).copied().collect();
    let next = others.first().map_or(0, |place| place.thousands);
    if others.is_empty() || dominates(first, next) {
        return Ok(Found {
            place: *first,
            passed_over: others,
        });
    }
    Err(PlaceError::Ambiguous {
        text: quoted(text),
        choices: [&[*first], &others[..]].concat(),
    })
}

/// Whether a place is so much larger than the next of its name, which has so many thousand people, that it is meant.
///
/// One outside the regions never is: who writes St. Petersburg or Alexandria may well live in Florida or Virginia.
fn dominates(place: &NamedPlace, next: u32) -> bool {
    place.country.region() != Region::Other
        && place.thousands >= DOMINANT_THOUSANDS
        && place.thousands >= next.saturating_mul(DOMINANT_TIMES)
}

/// What is compared of a name: folded, and words that are written long or short as one.
fn key(name: &str) -> String {
    let folded = fold(name);
    let words = folded.split(' ').map(|word| match word {
        "saint" | "sankt" => "st",
        "sainte" => "ste",
        "mount" => "mt",
        "fort" => "ft",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

impl PlaceError {
    /// Places that may have been meant, the likest first, each as [`Gazetteer::find`] reads it.
    pub fn choices(&self) -> Vec<String> {
        let places = match self {
            Self::Unknown { nearest, .. } => nearest,
            Self::Ambiguous { choices, .. } | Self::Elsewhere { choices, .. } => choices,
        };
        let places = places.iter().take(MOST_CHOICES);
        places.map(NamedPlace::to_string).collect()
    }
}

impl std::error::Error for PlaceError {}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { text, nearest } => {
                write!(
                    f,
                    "`{text}` is no place known here: write a city of 15,000 people or more, such as \"Leeds, UK\" \
                     or \"Springfield, IL\", or LAT,LON in degrees such as 47.56,7.59"
                )?;
                if nearest.is_empty() {
                    return Ok(());
                }
                f.write_str("\nDid you mean one of these?")?;
                list(f, nearest)
            }
            Self::Ambiguous { text, choices } => {
                write!(
                    f,
                    "`{text}` may be any of {} places: write one of them as it stands here, or its LAT,LON",
                    choices.len()
                )?;
                list(f, choices)
            }
            Self::Elsewhere { text, choices } => {
                write!(
                    f,
                    "`{text}` is not known, but places of the name elsewhere are: if one of them is meant, write it as \
                     it stands here, or its LAT,LON"
                )?;
                list(f, choices)
            }
        }
    }
}

/// Writes places, one a line, each in the two ways that find it again.
fn list(f: &mut fmt::Formatter<'_>, places: &[NamedPlace]) -> fmt::Result {
    for place in places.iter().take(MOST_CHOICES) {
        write!(f, "\n  {place} ({})", place.point)?;
    }
    match places.len().saturating_sub(MOST_CHOICES) {
        0 => Ok(()),
        more => write!(f, "\n  and {more} smaller ones"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// Where a text is found, as `Leeds, England, United Kingdom`.
    fn found(text: &str) -> String {
        match Gazetteer::find(text) {
            Ok(found) => found.place.to_string(),
            Err(error) => panic!("{text}: {error}"),
        }
    }

    fn error(text: &str) -> PlaceError {
        match Gazetteer::find(text) {
            Ok(found) => panic!("{text}: {}", found.place),
            Err(error) => error,
        }
    }

    fn choices(text: &str) -> Vec<String> {
        match error(text) {
            PlaceError::Ambiguous { choices, .. } => {
                choices.iter().map(ToString::to_string).collect()
            }
            other => panic!("{text}: {other}"),
        }
    }

    /// Checks each `PLACE: TEXT|TEXT`.
    fn assert_found(lines: &[&str]) {
        for line in lines {
            let (place, texts) = line.split_once(": ").unwrap();
            for text in texts.split('|') {
                assert_eq!(found(text), place, "{text}");
            }
        }
    }

    #[test]
    fn find_reads_a_name_however_it_is_written() {
        assert_found(&[
            "Leeds, England, United Kingdom: Leeds|leeds|LEEDS|  leeds  |Leeds, UK|Leeds UK|Leeds, England|leeds, england, gb|利兹",
            "Zürich, Switzerland: Zürich|Zurich|Zuerich|ZÜRICH|Zu\u{308}rich|Zürich, CH|Zurich Switzerland|苏黎世",
            "Beijing, Beijing, China: 北京|北京市|Beijing|peking|北京，中国|Beijing, China",
            "Shanghai, Shanghai, China: 上海|Shanghai",
            "Wuhan, Hubei, China: 武汉|武漢|Wuhan|wuhan, hubei|武汉, 湖北",
            "Xi'an, Shaanxi, China: Xi'an|Xi’an|Xian|西安",
            "Hong Kong, Hong Kong: Hong Kong|香港|Hong Kong, China|香港, 中国",
            "New York City, New York, United States: New York|new york city|NYC|New York, NY|New York, USA",
            "Munich, Bavaria, Germany: München|Muenchen|Munich|Munchen, DE",
            "The Hague, Netherlands: The Hague|Den Haag",
        ]);
    }

    #[test]
    fn find_reads_the_country_or_division_behind_a_name() {
        assert_found(&[
            "Springfield, Illinois, United States: Springfield, IL|Springfield, Illinois|springfield, il, usa",
            "Portland, Oregon, United States: Portland, Oregon|Portland Oregon|Portland, OR",
            "Paris, Île-de-France, France: Paris|Paris, France",
            "Paris, Texas, United States: Paris, Texas|Paris TX",
            "St. Louis, Missouri, United States: St. Louis, USA|Saint Louis, MO|st louis mo",
            "Saint Paul, Minnesota, United States: St. Paul, MN|Saint Paul, Minnesota",
            "Washington, District of Columbia, United States: Washington, DC|Washington, D.C.",
            "Rome, Georgia, United States: Rome, GA|Rome, Georgia",
            "San Juan, Puerto Rico: San Juan, Puerto Rico|San Juan, PR",
            "Newcastle, New South Wales, Australia: Newcastle, NSW|Newcastle, Australia",
            "Newcastle upon Tyne, England, United Kingdom: Newcastle upon Tyne|Newcastle-upon-Tyne|Newcastle, England",
        ]);
    }

    #[test]
    fn find_gives_the_centre() {
        let leeds = Gazetteer::find("Leeds").unwrap().place;
        assert_eq!((leeds.point().lat(), leeds.point().lon()), (53.8, -1.55));
        assert_eq!((leeds.name(), leeds.division()), ("Leeds", Some("England")));
        assert_eq!(leeds.country().iso2(), "GB");
        assert_eq!(Gazetteer::find("Zürich").unwrap().place.division(), None);
    }

    #[test]
    fn find_asks_where_several_may_be_meant() {
        for text in [
            "Springfield",
            "Springfield, USA",
            "Portland",
            "Cambridge",
            "Newcastle",
            "Birmingham",
            "Washington",
            "Valencia",
            "Frankfurt",
            // The largest of these are too far from the regions to be meant without a word.
            "St. Petersburg",
            "Alexandria",
            "Moscow",
        ] {
            assert!(choices(text).len() > 1, "{text}");
        }
        let springfields = choices("springfield");
        assert!(springfields.contains(&"Springfield, Illinois, United States".to_owned()));
        let message = error("Cambridge").to_string();
        for part in [
            "`Cambridge` may be any of",
            "LAT,LON",
            "\n  Cambridge, England, United Kingdom (52.2,0.12)",
            "\n  Cambridge, Massachusetts, United States (42.38,-71.11)",
        ] {
            assert!(message.contains(part), "{part} not in: {message}");
        }
    }

    #[test]
    fn find_takes_a_dominating_place_and_tells_of_the_others() {
        let london = Gazetteer::find("London").unwrap();
        assert_eq!(london.place.to_string(), "London, England, United Kingdom");
        let others: Vec<String> = london.passed_over.iter().map(ToString::to_string).collect();
        assert_eq!(
            others.first().map(String::as_str),
            Some("London, Ontario, Canada")
        );
        assert_eq!(Gazetteer::find("London, UK").unwrap().passed_over, []);
        assert_eq!(found("London, Ontario"), "London, Ontario, Canada");
    }

    #[test]
    fn the_rule_of_dominance_has_its_bounds() {
        let place = |lat: f64, thousands| NamedPlace {
            thousands,
            point: GeoPoint::new(lat, 0.0).unwrap(),
            ..Gazetteer::find("Leeds").unwrap().place
        };
        let taken =
            |first, next| settled("x", vec![place(0.0, first), place(1.0, next)], &[]).is_ok();
        assert!(taken(500, 25) && taken(500, 0) && taken(8000, 400));
        assert!(!taken(499, 0) && !taken(500, 26) && !taken(8000, 401));
        // A part of the same city is no other place: 0.13 degrees are 14.5 km.
        assert!(settled("x", vec![place(0.0, 30), place(0.13, 20)], &[]).is_ok());
        assert!(settled("x", vec![place(0.0, 30), place(0.14, 20)], &[]).is_err());
    }

    #[test]
    fn find_offers_the_nearest_names() {
        for (text, place) in [
            ("Leds", "Leeds, England, United Kingdom"),
            ("Manchestr, UK", "Manchester, England, United Kingdom"),
            ("Manchestr, NH", "Manchester, New Hampshire, United States"),
            ("Zurichh", "Zürich, Switzerland"),
        ] {
            let PlaceError::Unknown { nearest, .. } = error(text) else {
                panic!("{text}");
            };
            let names: Vec<String> = nearest.iter().map(ToString::to_string).collect();
            assert!(names.len() <= MOST_OFFERED);
            assert!(names.contains(&place.to_owned()), "{text}: {names:?}");
        }
        let message = error("Leds").to_string();
        for part in ["`Leds`", "LAT,LON", "Did you mean", "\n  Leeds, England"] {
            assert!(message.contains(part), "{part} not in: {message}");
        }
    }

    #[test]
    fn find_ignores_no_word() {
        for text in ["Leeds, France", "Leeds, West Riding", "Paris, Xyzzy"] {
            assert!(
                matches!(error(text), PlaceError::Elsewhere { .. }),
                "{text}"
            );
        }
        for text in [
            "Xyzzyxyzzy",
            "Leeds Xyzzy",
            "",
            " ",
            ",",
            ",,，",
            "'",
            "-",
            "\0",
            "\u{1b}[31m",
            "🏥",
        ] {
            assert!(
                matches!(error(text), PlaceError::Unknown { .. }),
                "{text:?}"
            );
        }
        assert!(error("Leeds, France").to_string().contains("elsewhere"));
    }

    #[test]
    fn find_bears_long_and_hostile_text() {
        for text in [
            "x".repeat(1 << 20),
            "Leeds, ".repeat(1 << 17),
            " ".repeat(1 << 20),
        ] {
            let message = error(&text).to_string();
            assert!(message.len() < 2000, "{}", message.len());
        }
        assert!(!error("a\nb\r\tc").to_string().contains("a\n"));
    }

    #[test]
    fn every_line_is_read() {
        let table = include_str!("../data/gazetteer.tsv");
        assert!(table.contains("\nname\tothers\tcountry\tdivision\tlat\tlon\tpeople\n"));
        let lines: Vec<&str> = super::super::records(table).collect();
        assert_eq!(GAZETTEER.places.len(), lines.len());
        for (place, line) in GAZETTEER.places.iter().zip(lines) {
            let has_division = line.split('\t').nth(3).is_some_and(|code| !code.is_empty());
            assert_eq!(place.division.is_some(), has_division, "{line}");
        }
    }

    #[test]
    fn every_place_is_found_again_as_it_is_written() {
        let mut lost = HashSet::new();
        for place in &GAZETTEER.places {
            let written = place.to_string();
            let is_it = |one: &NamedPlace| {
                one == place || one.point.distance_km(&place.point) <= SAME_PLACE_KM
            };
            let again = match Gazetteer::find(&written) {
                Ok(found) => is_it(&found.place) || found.passed_over.iter().any(is_it),
                Err(PlaceError::Ambiguous { choices, .. }) => choices.iter().any(is_it),
                Err(_) => false,
            };
            if !again {
                lost.insert(written);
            }
        }
        assert!(lost.is_empty(), "{lost:?}");
    }

    proptest! {
        // Each name that is not known is compared with all names.
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn any_text_is_found_or_refused(text in any::<String>()) {
            let _ = Gazetteer::find(&text).map_err(|error| error.to_string());
        }

        #[test]
        fn pieces_of_names_are_found_or_refused(text in "[ ,，'.-]?(st|Leeds|Paris|北京|市|é|ß){1,3}[ ,，]?(UK|TX|the|市|x)?") {
            let _ = Gazetteer::find(&text).map_err(|error| error.to_string());
        }
    }
}
