//! What the environment says of the person at the screen.

use crate::geo::Unit;

/// Variables that may name the locale, the first that is set decides, as POSIX orders them.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MEASUREMENT", "LANG"];

/// Countries whose roads count miles: the United States, the United Kingdom, Liberia, Myanmar.
const MILES: [&str; 4] = ["US", "GB", "LR", "MM"];

/// Tells in what distances are to be told, from the locale that `variable` looks up.
pub(super) fn unit(variable: impl Fn(&str) -> Option<String>) -> Unit {
    let set = VARIABLES.iter().filter_map(|name| variable(name));
    let locale = set.into_iter().find(|value| !value.is_empty());
    match locale.as_deref().map(territory) {
        Some(territory) if MILES.contains(&territory) => Unit::Miles,
        _ => Unit::Kilometres,
    }
}

/// The territory of a locale: `GB` of `en_GB.UTF-8@euro`; nothing of `C`.
fn territory(locale: &str) -> &str {
    let name = locale.split(['.', '@']).next().unwrap_or_default();
    name.split_once(['_', '-']).map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The unit under variables written as `LC_ALL=C LANG=en_US`.
    fn under(variables: &str) -> Unit {
        unit(|name| {
            let mut set = variables.split(' ').filter_map(|one| one.split_once('='));
            set.find(|(one, _)| *one == name)
                .map(|(_, value)| value.to_owned())
        })
    }

    #[test]
    fn miles_where_roads_count_miles() {
        for variables in [
            "LANG=en_US.UTF-8",
            "LANG=es_US",
            "LANG=en_GB",
            "LANG=cy_GB.utf8",
            "LANG=my_MM",
            "LC_MEASUREMENT=en_US LANG=de_DE",
            "LC_ALL= LC_MEASUREMENT=en_GB@x",
            "LC_ALL=en_LR LC_MEASUREMENT=de_DE LANG=fr_FR",
        ] {
            assert_eq!(under(variables), Unit::Miles, "{variables}");
        }
    }

    #[test]
    fn kilometres_elsewhere() {
        for variables in [
            "",
            "LANG=",
            "LANG=C",
            "LANG=C.UTF-8",
            "LC_ALL=C LANG=en_US",
            "LC_ALL=POSIX LC_MEASUREMENT=en_US",
            "LANG=en_AU.UTF-8",
            "LANG=zh_CN.UTF-8",
            "LANG=en",
            "LC_MEASUREMENT=de_DE LANG=en_US",
            "LC_MESSAGES=en_US",
        ] {
            assert_eq!(under(variables), Unit::Kilometres, "{variables}");
        }
    }
}
