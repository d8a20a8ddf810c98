//! The registry's page of a study as a code for a camera, drawn in SVG.

use std::fmt::Write;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::study::NctNumber;

/// Light modules around the code (ISO/IEC 18004: four).
const QUIET: i32 = 4;

/// Draws the code; nothing where the address cannot be put into one, which its length rules out.
pub(super) fn registry_page(number: NctNumber, address: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Low) else {
        return html! {};
    };
    let side = code.size() + 2 * QUIET;
    html! {
        svg.qr role="img" aria-label={ "QR code: registry page of " (number) } viewBox={ "0 0 " (side) " " (side) } {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(strokes(&code)) stroke="#000" {}
        }
    }
}

/// The dark modules, each run of them in a row one stroke.
fn strokes(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            // Outside of the code every module is light.
            while code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                // Writing to memory cannot fail.
                let _ = write!(path, "M{} {}.5h{}", start + QUIET, y + QUIET, x - start);
            }
            x += 1;
        }
    }
    path
}
