//! What the definition of the command line gives besides parsing: shell
//! completions and the man page.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use super::typed::definition;

/// Returns the completion script of a shell.
pub(super) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition(), "trialbrief", &mut script);
    script
}

/// Returns the man page, in roff. It holds every command, as one page is all that stdout takes.
pub(super) fn man() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let program = Man::new(definition());
    program.render_title(&mut page)?;
    program.render_name_section(&mut page)?;
    program.render_synopsis_section(&mut page)?;
    program.render_description_section(&mut page)?;
    program.render_options_section(&mut page)?;
    // Of the definition before it is built: the program's own options stand above once.
    for command in definition().get_subcommands() {
        writeln!(page, ".SH {}", command.get_name().to_uppercase())?;
        page.extend(section(command)?.into_bytes());
    }
    program.render_extra_section(&mut page)?;
    // The generator's heading for what stands behind the options says nothing.
    let page = String::from_utf8_lossy(&page)
        .replace("\n.SH EXTRA\n", "\n.SH NOTES\n")
        .replace("\n.SS EXTRA\n", "\n.SS NOTES\n");
    Ok(page.into_bytes())
}

/// Returns what the page says of one command, its headings one level down.
fn section(command: &Command) -> io::Result<String> {
    let name = format!("trialbrief {}", command.get_name());
    let command = command.clone().bin_name(name);
    let has_notes = command.get_after_help().is_some();
    let command = Man::new(command.disable_help_flag(true));
    let mut text = Vec::new();
    command.render_synopsis_section(&mut text)?;
    command.render_description_section(&mut text)?;
    command.render_options_section(&mut text)?;
    if has_notes {
        command.render_extra_section(&mut text)?;
    }
    Ok(String::from_utf8_lossy(&text).replace("\n.SH ", "\n.SS "))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(*shell)).unwrap();
            for command in definition().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}: {command}");
            }
            assert!(script.contains("open-here"), "{shell}");
        }
    }

    #[test]
    fn the_man_page_holds_every_command_and_option() {
        let page = String::from_utf8(man().unwrap()).unwrap();
        assert!(page.contains(".TH trialbrief 1"));
        for command in definition().get_subcommands() {
            let heading = format!("\n.SH {}\n", command.get_name().to_uppercase());
            assert_eq!(page.matches(&heading).count(), 1, "{command}");
            for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                // Roff writes a hyphen that is to stay one as `\-`.
                let option = format!("\\-\\-{}", option.replace('-', "\\-"));
                assert!(page.contains(&option), "{command} {option}");
            }
        }
        assert!(page.contains("TRIALBRIEF_API") && page.contains("Exit codes"));
        assert!(!page.contains("EXTRA"));
    }
}
