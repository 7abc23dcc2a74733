//! `cargo xtask icons`: draws the app's two icons, a bell with a dot, so that their source is code.
//!
//! A shape is a function that says whether a point is inside; edges are smooth because each pixel samples many points.

use crate::output::say;
use std::{fs::File, io::BufWriter, path::Path};

use crate::{failure::Failure, project::Project};

/// Sampled points per pixel and axis.
const SAMPLES: u32 = 8;
const BACKGROUND: [f64; 3] = [74.0, 79.0, 181.0];
const WHITE: [f64; 3] = [255.0, 255.0, 255.0];
const DOT: [f64; 3] = [255.0, 186.0, 73.0];

/// The colour (0 to 255) at a point, `None` outside; both axes run from -1 to 1, y downwards.
type Paint = fn(f64, f64) -> Option<[f64; 3]>;

/// Writes both PNG files into `appPackage/`.
pub(crate) fn run(project: &Project) -> Result<(), Failure> {
    for (name, side, paint) in [
        ("color.png", 192, color as Paint),
        ("outline.png", 32, outline as Paint),
    ] {
        let file = project.file("appPackage").join(name);
        write(&file, side, &draw(side, paint))?;
        say!("drawn: {}", file.display());
    }
    Ok(())
}

/// White bell and amber dot on a full square; Teams rounds the corners. The drawing keeps to the middle.
fn color(x: f64, y: f64) -> Option<[f64; 3]> {
    let (x, y) = (x / 0.78, y / 0.78 + 0.02);
    Some(if disc(x, y, 0.24) {
        DOT
    } else if bell(x, y, 0.0) && !disc(x, y, 0.33) {
        WHITE
    } else {
        BACKGROUND
    })
}

/// The same bell as a line.
fn outline(x: f64, y: f64) -> Option<[f64; 3]> {
    let (x, y) = (x / 0.972, y / 0.972); // puts the rim's edges on whole pixels of 32
    let line = bell(x, y, 0.0) && !bell(x, y, 0.13) && !disc(x, y, 0.38);
    (line || disc(x, y, 0.25)).then_some(WHITE)
}

/// The notification dot, at the bell's upper right.
fn disc(x: f64, y: f64, radius: f64) -> bool {
    (x - 0.42).hypot(y + 0.48) < radius
}

/// The bell, drawn in from its edge by `inset`.
fn bell(x: f64, y: f64, inset: f64) -> bool {
    let across = x.abs();
    let top = y <= -0.2 && x.hypot(y + 0.2) < 0.46 - inset;
    let flare = ((y + 0.2) / 0.65).clamp(0.0, 1.0);
    let body = y > -0.2 && y < 0.45 - inset && across < 0.46 + 0.24 * flare * flare - inset;
    let knob = x.hypot(y + 0.68) < 0.1 && inset == 0.0;
    let clapper = y > 0.56 && x.hypot(y - 0.56) < 0.24 && inset == 0.0;
    top || body || knob || clapper
}

/// Red, green, blue, alpha of each pixel.
fn draw(side: u32, paint: Paint) -> Vec<u8> {
    let points = f64::from(SAMPLES * SAMPLES);
    let mut bytes = Vec::new();
    for row in 0..side {
        for column in 0..side {
            let (mut sum, mut hits) = ([0.0; 3], 0.0);
            for sample in 0..SAMPLES * SAMPLES {
                let at = |pixel: u32, part: u32| {
                    let place = f64::from(pixel) + (f64::from(part) + 0.5) / f64::from(SAMPLES);
                    place / f64::from(side) * 2.0 - 1.0
                };
                if let Some(colour) = paint(at(column, sample % SAMPLES), at(row, sample / SAMPLES)) {
                    hits += 1.0;
                    for (total, part) in sum.iter_mut().zip(colour) {
                        *total += part;
                    }
                }
            }
            let mean = |part: f64| if hits > 0.0 { byte(part / hits) } else { 255 };
            bytes.extend([
                mean(sum[0]),
                mean(sum[1]),
                mean(sum[2]),
                byte(hits / points * 255.0),
            ]);
        }
    }
    bytes
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte's range"
)]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn write(file: &Path, side: u32, pixels: &[u8]) -> Result<(), Failure> {
    let mut encoder = png::Encoder::new(
        BufWriter::new(File::create(file).map_err(Failure::at(file))?),
        side,
        side,
    );
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().map_err(Failure::during("writing a PNG"))?;
    writer
        .write_image_data(pixels)
        .map_err(Failure::during("writing a PNG"))?;
    writer.finish().map_err(Failure::during("writing a PNG"))
}
