//! What is advertised is what docs/COMPATIBILITY.md lists.

use std::collections::BTreeSet;

use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::api_versions;

use crate::support::Broker;

/// The rows of the list: key, name, lowest and highest version.
fn listed() -> BTreeSet<(i16, String, i16, i16)> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMPATIBILITY.md")).unwrap();
    let rows = text.lines().skip_while(|line| *line != "| key | API | versions |").skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (low, high) = cells[2].split_once('-').unwrap_or((cells[2], cells[2]));
            (cells[0].parse().unwrap(), cells[1].to_owned(), low.parse().unwrap(), high.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn api_versions_are_those_of_the_documentation() {
    let broker = Broker::start().await;
    let request = api_versions::Request::default();
    let answer: api_versions::Response = broker.client().await.ask(ApiKey::ApiVersions, 0, &request).await;
    let row = |api: api_versions::ApiVersion| {
        let name = ApiKey::from_code(api.api_key).unwrap().name().to_owned();
        (api.api_key, name, api.min_version, api.max_version)
    };
    let advertised: BTreeSet<_> = answer.api_keys.into_iter().map(row).collect();
    let rows = advertised.iter().map(|(key, name, low, high)| match low == high {
        true => format!("| {key} | {name} | {low} |\n"),
        false => format!("| {key} | {name} | {low}-{high} |\n"),
    });
    assert!(advertised == listed(), "docs/COMPATIBILITY.md should list\n{}", rows.collect::<String>());
}
