//! Questions that a handout helps to ask (`questions.tsv`).

use std::sync::LazyLock;

use super::table::{Table, TableError};

/// A question for the appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// When it is worth asking.
    pub when: Occasion,
    /// The question, in plain words.
    pub words: String,
}

/// When a question is worth asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Always.
    Always,
    /// Where a trial asks for time without a drug.
    Washout,
    /// Where no trial is open where the patient lives.
    Away,
}

/// Our own table, which a test reads: damage cannot reach a user.
static EMBEDDED: LazyLock<Vec<Question>> = LazyLock::new(|| read().unwrap_or_default());

/// Returns every question, in the order in which they are best asked.
pub fn questions() -> &'static [Question] {
    &EMBEDDED
}

fn read() -> Result<Vec<Question>, TableError> {
    let table = Table::parse("questions.tsv", include_str!("../data/questions.tsv"))?;
    let rows = table.rows().map(|row| {
        let when = match row.text("when")? {
            "always" => Occasion::Always,
            "washout" => Occasion::Washout,
            "away" => Occasion::Away,
            other => return Err(row.error(format!("`{other}` is no occasion"))),
        };
        Ok(Question {
            when,
            words: row.text("question")?.to_owned(),
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let all = read().expect("the embedded table is sound");
        assert!(all.len() >= 12);
        assert!(all.iter().all(|one| one.words.contains('?')));
    }
}
