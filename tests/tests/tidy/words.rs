//! Words that must not stand in the repository.

use crate::sources::Source;

/// Notes to self, tests switched off, and hosts of package registries: which mirror a machine uses is its own affair.
fn banned() -> Vec<String> {
    let joined = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["todo", "!("],
        ["unimplemented", "!("],
        ["dbg", "!("],
        ["#[ign", "ore"],
        ["crates", ".io"],
        ["docs", ".rs/"],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["npmjs", ".org"],
        ["npmjs", ".com"],
        ["proxy.golang", ".org"],
        ["repo.maven", ".apache"],
        ["repo1.maven", ".org"],
        ["deb.debian", ".org"],
        ["docker", ".io/"],
        ["ghcr", ".io"],
    ];
    joined.iter().map(|parts| parts.concat()).collect()
}

/// `path:line: word` of each. Cargo.lock is written by cargo, LICENSE by others.
pub fn banned_in(source: &Source) -> Vec<String> {
    if ["Cargo.lock", "LICENSE"].contains(&source.name()) {
        return Vec::new();
    }
    let banned = banned();
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        for word in banned.iter().filter(|word| line.contains(word.as_str())) {
            findings.push(format!("{}:{number}: {word}", source.path));
        }
    }
    findings
}
