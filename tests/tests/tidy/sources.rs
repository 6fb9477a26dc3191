//! The files of the repository, as git knows them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file and its text.
pub struct Source {
    /// Relative to the repository, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Whether the file holds tests alone.
    pub fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The text of one file of the repository.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Files that git tracks or would track, of the given endings; of any ending when none is given. Files that are not text are left out.
pub fn tracked(endings: &[&str]) -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let wanted = |path: &str| {
        endings.is_empty() || endings.iter().any(|e| path.rsplit_once('.').is_some_and(|(_, end)| end == *e))
    };
    let mut sources: Vec<Source> = listed
        .split('\0')
        .filter(|path| !path.is_empty() && wanted(path))
        .filter_map(|path| {
            Some(Source { path: path.to_owned(), text: std::fs::read_to_string(root().join(path)).ok()? })
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources.dedup_by(|a, b| a.path == b.path);
    assert!(!sources.is_empty(), "no files of {endings:?}");
    sources
}

/// The Rust sources; fuzz targets are a workspace of their own.
pub fn rust() -> Vec<Source> {
    tracked(&["rs"]).into_iter().filter(|s| !s.path.starts_with("tests/fuzz/")).collect()
}

/// The code alone: comments, string and character literals are blanked, line numbers stay.
pub fn without_comments_and_strings(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let length = literal_or_comment(rest, out.chars().next_back());
        if length == 0 {
            let c = rest.chars().next().unwrap();
            out.push(c);
            at += c.len_utf8();
        } else {
            out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    out
}

/// The length of the comment or literal that `text` starts with, 0 when it starts with neither.
fn literal_or_comment(text: &str, before: Option<char>) -> usize {
    let end =
        |from: usize, close: &str| text[from..].find(close).map_or(text.len(), |at| from + at + close.len());
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return end(2, "*/");
    }
    if !in_word
        && (text.starts_with("r\"")
            || text.starts_with("r#")
            || text.starts_with("br\"")
            || text.starts_with("br#"))
    {
        let marks = text.trim_start_matches(['b', 'r']);
        let hashes = marks.len() - marks.trim_start_matches('#').len();
        if marks[hashes..].starts_with('"') {
            let open = text.len() - marks.len() + hashes + 1;
            return end(open, &format!("\"{}", "#".repeat(hashes)));
        }
        return 0;
    }
    if text.starts_with('"') {
        let mut escaped = false;
        for (at, c) in text.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return at + 1,
                _ => {}
            }
        }
        return text.len();
    }
    if let Some(inner) = text.strip_prefix('\'') {
        if inner.starts_with('\\') {
            return 2 + end(3, "'").saturating_sub(2);
        }
        let mut characters = inner.char_indices();
        if let (Some(_), Some((at, '\''))) = (characters.next(), characters.next()) {
            return 1 + at + 1;
        }
    }
    0
}
