//! Reads just enough of an ELF file to decide whether it is a static x86-64 program, which needs no C library.
//!
//! Offsets are those of the 64-bit little-endian layout (System V gABI, chapters "ELF Header" and
//! "Program Header").

use std::fmt;

const EXECUTABLE: u16 = 2;
const SHARED: u16 = 3;
const X86_64: u16 = 62;
const DYNAMIC: u32 = 2;
const INTERPRETER: u32 = 3;
/// Tag in the dynamic section: a shared library that must be loaded (DT_NEEDED).
const NEEDED: u64 = 1;

/// How a static program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linking {
    Static,
    /// Position independent: it relocates itself, no loader is needed.
    StaticPie,
}

impl Linking {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::StaticPie => "static-pie",
        }
    }
}

/// Why a file is not a static x86-64 program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElfProblem {
    NotElf,
    OtherMachine,
    NotAProgram,
    Interpreter,
    Libraries(usize),
    Truncated,
}

impl fmt::Display for ElfProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotElf => f.write_str("this is not a Linux program (no ELF header)"),
            Self::OtherMachine => f.write_str("this program is not for x86-64"),
            Self::NotAProgram => f.write_str("this ELF file is not a program (an object or a core file)"),
            Self::Interpreter => f.write_str("this program is dynamic: it names a loader (PT_INTERP)"),
            Self::Libraries(count) => write!(f, "this program is dynamic: it needs {count} shared libraries"),
            Self::Truncated => f.write_str("this ELF file is truncated"),
        }
    }
}

/// Accepts a static or static-pie program for x86-64 Linux.
pub(super) fn require_static(file: &[u8]) -> Result<Linking, ElfProblem> {
    if !file.starts_with(b"\x7fELF") {
        return Err(ElfProblem::NotElf);
    }
    let (class, byte_order) = (file.get(4), file.get(5));
    if class != Some(&2) || byte_order != Some(&1) || u16_at(file, 18)? != X86_64 {
        return Err(ElfProblem::OtherMachine);
    }
    let linking = match u16_at(file, 16)? {
        EXECUTABLE => Linking::Static,
        SHARED => Linking::StaticPie,
        _ => return Err(ElfProblem::NotAProgram),
    };
    let table = index(u64_at(file, 32)?)?;
    let (size, count) = (usize::from(u16_at(file, 54)?), usize::from(u16_at(file, 56)?));
    for number in 0..count {
        let header = table.checked_add(size * number).ok_or(ElfProblem::Truncated)?;
        match u32_at(file, header)? {
            INTERPRETER => return Err(ElfProblem::Interpreter),
            DYNAMIC => {
                let (start, length) = (
                    index(u64_at(file, header + 8)?)?,
                    index(u64_at(file, header + 32)?)?,
                );
                let end = start.checked_add(length).ok_or(ElfProblem::Truncated)?;
                let section = file.get(start..end).ok_or(ElfProblem::Truncated)?;
                let needed = section
                    .chunks_exact(16)
                    .filter(|entry| u64_at(entry, 0) == Ok(NEEDED))
                    .count();
                if needed > 0 {
                    return Err(ElfProblem::Libraries(needed));
                }
            }
            _ => {}
        }
    }
    Ok(linking)
}

fn index(offset: u64) -> Result<usize, ElfProblem> {
    usize::try_from(offset).map_err(|_| ElfProblem::Truncated)
}

fn bytes<const N: usize>(file: &[u8], offset: usize) -> Result<[u8; N], ElfProblem> {
    let end = offset.checked_add(N).ok_or(ElfProblem::Truncated)?;
    file.get(offset..end)
        .and_then(|slice| slice.try_into().ok())
        .ok_or(ElfProblem::Truncated)
}

fn u16_at(file: &[u8], offset: usize) -> Result<u16, ElfProblem> {
    bytes(file, offset).map(u16::from_le_bytes)
}

fn u32_at(file: &[u8], offset: usize) -> Result<u32, ElfProblem> {
    bytes(file, offset).map(u32::from_le_bytes)
}

fn u64_at(file: &[u8], offset: usize) -> Result<u64, ElfProblem> {
    bytes(file, offset).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::{ElfProblem, Linking, require_static};

    /// A header with one program header of `kind`, whose contents are `content`.
    fn program(file_type: u16, kind: u32, content: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 64 + 56];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[16..18].copy_from_slice(&file_type.to_le_bytes());
        file[18..20].copy_from_slice(&62_u16.to_le_bytes());
        file[32] = 64;
        file[54] = 56;
        file[56] = 1;
        file[64..68].copy_from_slice(&kind.to_le_bytes());
        file[72..80].copy_from_slice(&120_u64.to_le_bytes());
        file[96..104].copy_from_slice(&(content.len() as u64).to_le_bytes());
        file.extend_from_slice(content);
        file
    }

    #[test]
    fn static_programs_pass() {
        assert_eq!(require_static(&program(2, 1, b"")), Ok(Linking::Static));
        assert_eq!(require_static(&program(3, 2, &[0; 32])), Ok(Linking::StaticPie));
    }

    #[test]
    fn dynamic_programs_do_not() {
        assert_eq!(
            require_static(&program(3, 3, b"/lib64/ld.so")),
            Err(ElfProblem::Interpreter)
        );
        let mut needed = [0; 32];
        needed[0] = 1;
        assert_eq!(
            require_static(&program(3, 2, &needed)),
            Err(ElfProblem::Libraries(1))
        );
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        assert_eq!(require_static(b"#!/bin/sh"), Err(ElfProblem::NotElf));
        let mut arm = program(2, 1, b"");
        arm[18] = 183;
        assert_eq!(require_static(&arm), Err(ElfProblem::OtherMachine));
        assert_eq!(require_static(&program(1, 1, b"")), Err(ElfProblem::NotAProgram));
        assert_eq!(
            require_static(&program(2, 1, b"")[..66]),
            Err(ElfProblem::Truncated)
        );
    }
}
