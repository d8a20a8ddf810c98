//! Countries under all the spellings the registry and people use, and which one a site really lies in.

use std::{collections::HashMap, fmt, sync::LazyLock};

use super::fold::fold;
use super::{GeoPoint, Region, records};

/// Columns: `iso2`, `name`, `region`, `spellings`.
const COUNTRIES: &str = include_str!("../data/countries.tsv");
/// Columns: `place`, `kind`, `country`, `lat`, `lon`.
const PLACES: &str = include_str!("../data/places.tsv");

/// How alike a misspelling must be (Jaro-Winkler, 0 to 1) before a country is suggested for it.
const SUGGEST_FROM: f64 = 0.8;

/// How far a site's point may lie from the listed centre of its city, in kilometres.
///
/// Wide enough for the largest municipalities, whose districts lie that far out; a wrong country is farther still.
const SAME_CITY_KM: f64 = 150.0;

/// Countries among which the filing is a matter of usage, never an error; the first is the one that counts the others
/// among its parts.
const KIN: [&[&str]; 3] = [
    &["CN", "HK", "MO", "TW"],
    &["US", "PR", "GU", "VI", "AS", "MP", "UM"],
    &["GB", "JE", "GG", "IM"],
];

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(COUNTRIES));
static PLACE_NAMES: LazyLock<PlaceNames> = LazyLock::new(|| PlaceNames::parse(PLACES));

/// A country or territory of ISO 3166-1, or Kosovo, or one of three withdrawn ones that old records name.
///
/// Ordered by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static Row);

/// A line of `countries.tsv`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    name: &'static str,
    iso2: &'static str,
    region: Region,
    /// Name, code and spellings, folded.
    keys: Vec<String>,
}

/// All countries, and the way from a folded spelling to its country.
struct Table {
    rows: Vec<Row>,
    by_key: HashMap<String, usize>,
}

impl Country {
    /// The country's name in English, as the registry writes it now.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The two-letter code of ISO 3166-1 (`XK` for Kosovo).
    pub fn iso2(self) -> &'static str {
        self.0.iso2
    }

    /// The region that the country belongs to.
    pub fn region(self) -> Region {
        self.0.region
    }

    /// The country that `text` spells: a present or former registry spelling, an everyday name or an ISO code.
    ///
    /// Case, diacritics, punctuation and a leading "the" do not matter.
    pub fn find(text: &str) -> Option<Self> {
        let index = *TABLE.by_key.get(&fold(text))?;
        TABLE.rows.get(index).map(Self)
    }

    /// The country whose spelling is most like `text`, for a suggestion; `None` if nothing is like it.
    pub fn nearest(text: &str) -> Option<Self> {
        let folded = fold(text);
        Self::all()
            .map(|country| (country.likeness(&folded), country))
            .filter(|(likeness, _)| *likeness >= SUGGEST_FROM)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, country)| country)
    }

    /// All countries, by name; the withdrawn ones last.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.rows.iter().map(Self)
    }

    /// How much the best spelling is like `folded`, from 0 to 1.
    fn likeness(self, folded: &str) -> f64 {
        self.0
            .keys
            .iter()
            // Nearly every short word is like some two- or three-letter code.
            .filter(|key| key.len() > 3)
            .map(|key| strsim::jaro_winkler(key, folded))
            .fold(0.0, f64::max)
    }

    /// Whether people may name `whole` as the country of a place in this one: the same, or one that counts it among its
    /// parts ("Hong Kong, China", "San Juan, USA").
    pub(super) fn belongs_to(self, whole: Self) -> bool {
        let counts_it = |family: &&[&str]| {
            family.first() == Some(&whole.iso2()) && family.contains(&self.iso2())
        };
        self == whole || KIN.iter().any(counts_it)
    }

    /// Whether a site filed under one of the two may as well be filed under the other.
    fn is_kin(self, other: Self) -> bool {
        let both = |family: &&[&str]| [self, other].iter().all(|c| family.contains(&c.iso2()));
        self == other || KIN.iter().any(both)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Table {
    fn parse(text: &'static str) -> Self {
        let rows: Vec<Row> = records(text).filter_map(Row::parse).collect();
        let keys = rows.iter().enumerate();
        let by_key = keys
            .flat_map(|(index, row)| row.keys.iter().map(move |key| (key.clone(), index)))
            .collect();
        Self { rows, by_key }
    }
}

impl Row {
    /// Reads a line; `None` if it is not one of the table, which a test rules out for the embedded file.
    fn parse(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let (iso2, name) = (cells.next()?, cells.next()?);
        let region = cells.next()?.parse().ok()?;
        let spellings = cells.next()?.split('|');
        let mut keys: Vec<String> = [iso2, name]
            .into_iter()
            .chain(spellings)
            .map(fold)
            .collect();
        keys.retain(|key| !key.is_empty());
        Some(Self {
            name,
            iso2,
            region,
            keys,
        })
    }
}

/// A place that names a country.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    country: Country,
    /// The centre of a city; `None` for a state.
    point: Option<GeoPoint>,
}

/// Folded place names and where such places are; a name has more than one place if there are several of the name.
#[derive(Default)]
struct PlaceNames {
    cities: HashMap<String, Vec<Place>>,
    states: HashMap<String, Vec<Place>>,
}

impl PlaceNames {
    fn parse(text: &str) -> Self {
        let mut names = Self::default();
        for line in records(text) {
            names.add(line);
        }
        names
    }

    /// Adds a line; `None` if it is not one of the table, which a test rules out for the embedded file.
    fn add(&mut self, line: &str) -> Option<()> {
        let mut cells = line.split('\t');
        let name = fold(cells.next()?);
        let kind = cells.next()?;
        let country = Country::find(cells.next()?)?;
        let mut degrees = || cells.next()?.parse().ok();
        let (index, point) = match kind {
            "city" => (
                &mut self.cities,
                Some(GeoPoint::new(degrees()?, degrees()?)?),
            ),
            "state" => (&mut self.states, None),
            _ => return None,
        };
        index
            .entry(name)
            .or_default()
            .push(Place { country, point });
        Some(())
    }

    fn cities(&self, name: Option<&str>) -> &[Place] {
        name.and_then(|name| self.cities.get(&fold(name)))
            .map_or(&[], Vec::as_slice)
    }

    fn states(&self, name: Option<&str>) -> &[Place] {
        let Some(folded) = name.map(fold) else {
            return &[];
        };
        // Some sites write "Zhejiang Province" or "Zhejiang Sheng".
        let bare = [" province", " sheng"]
            .iter()
            .find_map(|suffix| folded.strip_suffix(suffix))
            .unwrap_or(&folded);
        self.states.get(bare).map_or(&[], Vec::as_slice)
    }
}

/// Where a site lies, after its city was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The country; `None` if no known one is filed and the city names none.
    pub country: Option<Country>,
    /// The country's region; [`Region::Other`] without a country.
    pub region: Region,
    /// Whether the site is filed under another country, one that its city (or state) plainly does not lie in.
    pub city_disagrees: bool,
}

/// What a record says of a site's place.
#[derive(Clone, Copy)]
struct Filing<'a> {
    country: Option<Country>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    point: Option<GeoPoint>,
}

/// Settles the country of a site that the registry files under `country`, `city`, `state` and `point`.
///
/// The filed country decides unless the city, or the state if the city is not listed, plainly names another: a name
/// borne in one country only, with neither state nor point against it. An unknown country gives way to the city in
/// the same manner, but nothing is said to disagree with it.
pub fn settle(
    country: Option<&str>,
    city: Option<&str>,
    state: Option<&str>,
    point: Option<GeoPoint>,
) -> Settled {
    let filed = country.and_then(Country::find);
    let filing = Filing {
        country: filed,
        city,
        state,
        point,
    };
    let named = filing.named_elsewhere();
    let country = named.or(filed);
    Settled {
        country,
        region: country.map_or(Region::Other, Country::region),
        city_disagrees: named.is_some() && filed.is_some(),
    }
}

impl Filing<'_> {
    /// The country, other than the filed one, that city or state plainly name.
    fn named_elsewhere(self) -> Option<Country> {
        let cities = PLACE_NAMES.cities(self.city);
        let named = if cities.is_empty() {
            self.named_by_state()
        } else {
            self.named_by_city(cities)
        }?;
        let agrees = self.country.is_some_and(|filed| filed.is_kin(named));
        (!agrees && !self.state_supports_filed()).then_some(named)
    }

    /// The country of `cities`, the places of the city's name, if state and point do not speak against it.
    fn named_by_city(self, cities: &[Place]) -> Option<Country> {
        let named = only_country(cities)?;
        let states = PLACE_NAMES.states(self.state);
        let state_fits = states.is_empty() || states.iter().any(|s| s.country.is_kin(named));
        let point_fits = self.point.is_none_or(|point| is_near(point, cities));
        (state_fits && point_fits).then_some(named)
    }

    /// The country of the state; a state has no centre that a point could confirm, so any point speaks against it.
    fn named_by_state(self) -> Option<Country> {
        let named = only_country(PLACE_NAMES.states(self.state))?;
        self.point.is_none().then_some(named)
    }

    /// Whether the state lies in the filed country, or just repeats its name.
    fn state_supports_filed(self) -> bool {
        let repeated = self.state.and_then(Country::find);
        let states = PLACE_NAMES.states(self.state).iter().map(|s| s.country);
        self.country
            .is_some_and(|filed| states.chain(repeated).any(|country| country.is_kin(filed)))
    }
}

/// The country that all of `places` lie in; `None` if there are several, or no places.
fn only_country(places: &[Place]) -> Option<Country> {
    let first = places.first()?.country;
    places.iter().all(|p| p.country == first).then_some(first)
}

/// Whether `point` lies in or about one of `cities`.
fn is_near(point: GeoPoint, cities: &[Place]) -> bool {
    let mut centres = cities.iter().filter_map(|city| city.point);
    centres.any(|centre| centre.distance_km(&point) <= SAME_CITY_KM)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn iso2(text: &str) -> Option<&'static str> {
        Country::find(text).map(Country::iso2)
    }

    fn point(lat: f64, lon: f64) -> GeoPoint {
        GeoPoint::new(lat, lon).unwrap()
    }

    /// Settles a site without a point; an empty text stands for an absent field.
    fn settled(country: &str, city: &str, state: &str) -> (Option<&'static str>, Region, bool) {
        at(country, city, state, None)
    }

    fn at(
        country: &str,
        city: &str,
        state: &str,
        point: Option<GeoPoint>,
    ) -> (Option<&'static str>, Region, bool) {
        let field = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let found = settle(field(country), field(city), field(state), point);
        (
            found.country.map(Country::iso2),
            found.region,
            found.city_disagrees,
        )
    }

    fn codes_of(region: Region) -> HashSet<&'static str> {
        Country::all()
            .filter(|country| country.region() == region)
            .map(Country::iso2)
            .collect()
    }

    #[test]
    fn every_line_of_countries_parses() {
        assert!(COUNTRIES.contains("\niso2\tname\tregion\tspellings\n"));
        assert_eq!(Country::all().count(), records(COUNTRIES).count());
        // ISO 3166-1 has 249 entries; Kosovo and three withdrawn countries come on top.
        assert_eq!(Country::all().count(), 249 + 1 + 3);
        assert!(Country::all().all(|country| country.iso2().len() == 2));
    }

    #[test]
    fn no_spelling_is_in_two_countries() {
        for country in Country::all() {
            for key in &country.0.keys {
                assert_eq!(Country::find(key), Some(country), "{key}");
            }
        }
    }

    #[test]
    fn every_line_of_places_parses() {
        assert!(PLACES.contains("\nplace\tkind\tcountry\tlat\tlon\n"));
        let listed = PLACE_NAMES
            .cities
            .values()
            .chain(PLACE_NAMES.states.values());
        assert_eq!(listed.map(Vec::len).sum::<usize>(), records(PLACES).count());
        let mut cities = PLACE_NAMES.cities.values();
        assert!(cities.all(|places| only_country(places).is_some()));
    }

    /// Checks that each `ISO2: SPELLING|SPELLING` is found; the spellings are taken as they stand, with their spaces.
    fn assert_found(lines: &[&str]) {
        for line in lines {
            let (code, spellings) = line.split_once(": ").unwrap();
            for spelling in spellings.split('|') {
                assert_eq!(iso2(spelling), Some(code), "{spelling}");
            }
        }
    }

    #[test]
    fn find_reads_old_and_new_registry_spellings() {
        assert_found(&[
            "TR: Turkey|Turkey (Türkiye)|Türkiye|Turkiye",
            "KR: South Korea|Korea, Republic of|Korea, Republic Of",
            "KP: Korea, Democratic People's Republic of",
            "RU: Russia|Russian Federation",
            "IR: Iran|Iran, Islamic Republic of",
            "CZ: Czechia|Czech Republic",
            "VN: Vietnam|Viet Nam",
            "MK: North Macedonia|Macedonia, The Former Yugoslav Republic of",
            "MD: Moldova|Moldova, Republic of",
            "CI: Côte D'Ivoire|Côte d’Ivoire|Cote d'Ivoire",
            "VA: Holy See|Holy See (Vatican City State)",
            "CD: Congo, The Democratic Republic of the",
            "CG: Congo",
            "RE: Réunion|Reunion",
            "CS: Serbia and Montenegro|Former Serbia and Montenegro",
        ]);
    }

    #[test]
    fn find_reads_what_people_type() {
        assert_found(&[
            "US: us|U.S.|USA|u.s.a.| America |the United States",
            "GB: UK|U.K.|GB|GBR|Great Britain|england|Scotland|Wales|Northern Ireland",
            "NL: Holland|The Netherlands|NLD",
            "CN: PRC|P.R. China|CHN",
            "TT: Trinidad & Tobago",
            "GW: Guinea Bissau",
            "DE: DE|DEU|germany",
        ]);
    }

    #[test]
    fn find_knows_its_limits() {
        for text in ["", " ", "the", "Atlantis", "Unknown", "United"] {
            assert_eq!(iso2(text), None, "{text}");
        }
    }

    #[test]
    fn name_is_the_present_registry_spelling() {
        let names = "South Korea, Turkey (Türkiye), Russia, Iran, Czechia, Vietnam, Moldova, Taiwan, Hong Kong, Puerto Rico, United States, United Kingdom, Eswatini";
        for name in names.split(", ") {
            assert_eq!(Country::find(name).map(Country::name), Some(name));
        }
        assert_eq!(format!("{:>8}", Country::find("de").unwrap()), " Germany");
    }

    #[test]
    fn nearest_suggests_the_like_and_only_that() {
        let nearest = |text| Country::nearest(text).map(Country::iso2);
        assert_eq!(nearest("Germny"), Some("DE"));
        assert_eq!(nearest("Unted Kingdom"), Some("GB"));
        assert_eq!(nearest("Swizerland"), Some("CH"));
        assert_eq!(nearest("Chnia"), Some("CN"));
        assert_eq!(nearest("xqzzw"), None);
        assert_eq!(nearest("usb"), None);
        assert_eq!(nearest(""), None);
    }

    #[test]
    fn regions_with_territories() {
        let set = |codes: &'static str| codes.split(' ').collect::<HashSet<_>>();
        assert_eq!(codes_of(Region::Us), set("US PR GU VI AS MP UM"));
        assert_eq!(codes_of(Region::Uk), set("GB JE GG IM"));
        assert_eq!(codes_of(Region::China), set("CN HK MO"));
        assert_eq!(codes_of(Region::Australia), set("AU CX CC NF"));
    }

    #[test]
    fn region_europe_is_the_continent_without_uk_and_russia() {
        let eu = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE";
        let eea_and_switzerland = "IS LI NO CH";
        let rest = "AL AD BA BY GI MC MD ME MK RS SM UA VA XK FO SJ";
        let of_the_union = "AX RE MQ GP GF YT MF";
        let withdrawn = "CS YU";
        let expected: HashSet<_> = [eu, eea_and_switzerland, rest, of_the_union, withdrawn]
            .iter()
            .flat_map(|codes| codes.split(' '))
            .collect();
        assert_eq!(codes_of(Region::Europe), expected);
    }

    #[test]
    fn region_other_where_the_contract_says_so() {
        let names = "Türkiye, Israel, Taiwan, Georgia, Armenia, Azerbaijan, Russia, Greenland, Canada, New Zealand, Japan, Saint Barthélemy, Cayman Islands, Bermuda";
        for name in names.split(", ") {
            assert_eq!(
                Country::find(name).map(Country::region),
                Some(Region::Other),
                "{name}"
            );
        }
    }

    #[test]
    fn settle_follows_the_city_where_the_country_cannot_be_right() {
        let china = (Some("CN"), Region::China, true);
        assert_eq!(settled("Christmas Island", "Hangzhou", "Zhejiang"), china);
        assert_eq!(settled("Christmas Island", "Hangzhou", ""), china);
        assert_eq!(
            settled("Christmas Island", "Xi’an", "Shaanxi Province"),
            china
        );
        assert_eq!(
            settled("Switzerland", "Munich", ""),
            (Some("DE"), Region::Europe, true)
        );
        assert_eq!(
            settled("United Arab Emirates", "Newcastle upon Tyne", "England"),
            (Some("GB"), Region::Uk, true)
        );
    }

    #[test]
    fn settle_asks_the_point() {
        let near_hangzhou = Some(point(30.3, 120.1));
        let on_christmas_island = Some(point(-10.42, 105.67));
        let site = |point| at("Christmas Island", "Hangzhou", "Zhejiang", point);
        assert_eq!(site(near_hangzhou), (Some("CN"), Region::China, true));
        assert_eq!(
            site(on_christmas_island),
            (Some("CX"), Region::Australia, false)
        );
    }

    #[test]
    fn settle_falls_back_on_the_state() {
        let site = |point| at("Christmas Island", "Lin'an Town", "Zhejiang Sheng", point);
        assert_eq!(site(None), (Some("CN"), Region::China, true));
        assert_eq!(
            site(Some(point(30.2, 119.7))),
            (Some("CX"), Region::Australia, false)
        );
        assert_eq!(
            settled("Ireland", "Belfast", "Northern Ireland"),
            (Some("GB"), Region::Uk, true)
        );
    }

    #[test]
    fn settle_keeps_the_country_that_the_state_supports() {
        // A village of the city's name may lie in any state.
        assert_eq!(
            settled("United States", "Hangzhou", "Ohio"),
            (Some("US"), Region::Us, false)
        );
        assert_eq!(
            settled("United States", "Munich", "Georgia"),
            (Some("US"), Region::Us, false)
        );
        assert_eq!(
            settled("Spain", "Munich", "Spain"),
            (Some("ES"), Region::Europe, false)
        );
        // City and state contradict each other: nothing is plain.
        assert_eq!(
            settled("Christmas Island", "Hangzhou", "Texas"),
            (Some("CX"), Region::Australia, false)
        );
    }

    /// Checks that every `CITY|STATE|COUNTRY` of `sites` stays in the filed country, unflagged.
    fn assert_undisputed(sites: &[&str]) {
        for site in sites {
            let [city, state, country] = site.split('|').collect::<Vec<_>>()[..] else {
                panic!("{site}");
            };
            let filed = Country::find(country).unwrap();
            let expected = (Some(filed.iso2()), filed.region(), false);
            assert_eq!(settled(country, city, state), expected, "{site}");
        }
    }

    #[test]
    fn settle_leaves_shared_names_alone() {
        assert_undisputed(&[
            "Birmingham|Alabama|United States",
            "Birmingham||United States",
            "London|Ontario|Canada",
            "London||Canada",
            "Paris|Texas|United States",
            "Paris||United States",
            "Cambridge|Massachusetts|United States",
            "Cambridge||United States",
            "Cambridge||United Kingdom",
            "Melbourne|Florida|United States",
            "Melbourne||United States",
            "Melbourne|Victoria|Australia",
            "Granada||Spain",
            "Granada||Nicaragua",
            "Vancouver|Washington|United States",
            "Vancouver||United States",
            "Vancouver|British Columbia|Canada",
            "Newcastle|New South Wales|Australia",
            "Newcastle||Australia",
            "San Jose||Costa Rica",
            "San José||Costa Rica",
            "San Jose|California|United States",
            "Valencia||Venezuela",
            "Valencia||Spain",
            "Hyderabad|Telangana|India",
            "Hyderabad||Pakistan",
            "Tbilisi||Georgia",
            "Atlanta|Georgia|United States",
            "Santa Catarina||Brazil",
            "Perth|Scotland|United Kingdom",
            "Ontario||United States",
            "Winnipeg|Ontario|United States",
        ]);
    }

    #[test]
    fn settle_sees_no_disagreement_among_kin() {
        assert_undisputed(&[
            "Hong Kong||China",
            "Shenzhen|Guangdong|Hong Kong",
            "Guangzhou||Macau",
            "Taipei||China",
            "Shanghai||Taiwan",
            "Orlando|Florida|Puerto Rico",
            "San Juan|Puerto Rico|United States",
            "Newcastle upon Tyne|England|Jersey",
        ]);
    }

    #[test]
    fn settle_without_a_known_country() {
        let nowhere = (None, Region::Other, false);
        assert_eq!(settled("Atlantis", "Poseidonis", ""), nowhere);
        assert_eq!(settled("", "", ""), nowhere);
        assert_eq!(
            settled("Atlantis", "Hangzhou", ""),
            (Some("CN"), Region::China, false)
        );
        assert_eq!(
            settled("", "", "Bavaria"),
            (Some("DE"), Region::Europe, false)
        );
        assert_eq!(
            at("Atlantis", "Hangzhou", "", Some(point(0.0, 0.0))),
            nowhere
        );
    }
}
