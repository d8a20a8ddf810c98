//! The handout as Markdown.

use insta::assert_snapshot;

use super::Desk;

#[test]
fn a_brief_in_markdown() {
    assert_snapshot!(Desk::usual().written(&["--format", "markdown", "--pages", "1"]));
}

#[test]
fn a_brief_without_a_profile_in_markdown() {
    assert_snapshot!(Desk::usual().without_profile(&["--format", "markdown", "--pages", "1"]));
}
