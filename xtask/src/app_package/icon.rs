//! What Teams requires of an app's two icons (app package guidelines: colour 192 × 192; outline 32 × 32, white on
//! transparent).

use std::{fs::File, io::BufReader, path::Path};

use png::{Decoder, Transformations};

use crate::failure::Failure;

/// The two icons of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IconKind {
    Color,
    Outline,
}

impl IconKind {
    /// Its key under `icons` in the manifest.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Outline => "outline",
        }
    }

    const fn side(self) -> u32 {
        match self {
            Self::Color => 192,
            Self::Outline => 32,
        }
    }
}

/// Refuses an icon that Teams would refuse or show blank.
pub(super) fn check(kind: IconKind, file: &Path) -> Result<(), Failure> {
    let (width, height, pixels) = read(file)?;
    validate(kind, width, height, &pixels).map_err(|problem| {
        Failure::new(format!("{}: {problem}", file.display()))
            .hint("`cargo xtask icons` draws the icons that this project ships.")
    })
}

/// Width, height, and four bytes (red, green, blue, alpha) for each pixel.
fn read(file: &Path) -> Result<(u32, u32, Vec<[u8; 4]>), Failure> {
    let wrong = |what: String| Failure::new(format!("{}: {what}", file.display()));
    let mut decoder = Decoder::new(BufReader::new(File::open(file).map_err(Failure::at(file))?));
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(|error| wrong(error.to_string()))?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| wrong("too large".to_owned()))?;
    let mut bytes = vec![0; size];
    let info = reader
        .next_frame(&mut bytes)
        .map_err(|error| wrong(error.to_string()))?;
    let pixels = match info.color_type {
        png::ColorType::Rgba => bytes.chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]).collect(),
        png::ColorType::GrayscaleAlpha => bytes.chunks_exact(2).map(|p| [p[0], p[0], p[0], p[1]]).collect(),
        other => return Err(wrong(format!("colour type {other:?} is not supported"))),
    };
    Ok((info.width, info.height, pixels))
}

fn validate(kind: IconKind, width: u32, height: u32, pixels: &[[u8; 4]]) -> Result<(), String> {
    let side = kind.side();
    if (width, height) != (side, side) {
        return Err(format!(
            "the {} icon is {side} × {side} pixels, not {width} × {height}",
            kind.key()
        ));
    }
    if !pixels.iter().any(|pixel| pixel[3] > 0) {
        return Err("nothing is drawn: every pixel is transparent".to_owned());
    }
    if kind == IconKind::Color {
        return Ok(());
    }
    if pixels.iter().all(|pixel| pixel[3] == 255) {
        return Err("the outline icon must have a transparent ground".to_owned());
    }
    let other = pixels
        .iter()
        .position(|pixel| pixel[3] > 0 && pixel[..3] != [255; 3]);
    match other.and_then(|at| u32::try_from(at).ok()) {
        None => Ok(()),
        Some(at) => Err(format!(
            "the outline icon may only be white; pixel ({}, {}) is not",
            at % side,
            at / side
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{IconKind, validate};

    const CLEAR: [u8; 4] = [0; 4];
    const WHITE: [u8; 4] = [255; 4];

    fn outline(pixel: [u8; 4]) -> Vec<[u8; 4]> {
        let mut pixels = vec![CLEAR; 32 * 32];
        pixels[33] = pixel;
        pixels
    }

    #[test]
    fn white_on_transparent_passes_and_other_colours_are_pointed_at() {
        validate(IconKind::Outline, 32, 32, &outline(WHITE)).unwrap();
        validate(IconKind::Outline, 32, 32, &outline([255, 255, 255, 9])).unwrap();
        let error = validate(IconKind::Outline, 32, 32, &outline([255, 0, 0, 255])).unwrap_err();
        assert!(error.contains("(1, 1)"), "{error}");
    }

    #[test]
    fn blank_full_and_wrongly_sized_icons_are_refused() {
        assert!(
            validate(IconKind::Outline, 32, 32, &[CLEAR; 1024])
                .unwrap_err()
                .contains("nothing is drawn")
        );
        assert!(
            validate(IconKind::Outline, 32, 32, &[WHITE; 1024])
                .unwrap_err()
                .contains("transparent ground")
        );
        assert!(
            validate(IconKind::Color, 96, 96, &[WHITE; 96 * 96])
                .unwrap_err()
                .contains("192")
        );
    }
}
