//! The faces of the table: the sample file, the environment, the flags.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failed test panics

use std::path::{Path, PathBuf};

use thalweg_config::{Flags, Loader, load, render, table};

/// `UPDATE=1 cargo test -p thalweg-config` writes the sample anew.
#[test]
fn the_sample_is_what_the_table_says_and_reads_back_as_its_defaults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("thalweg.toml");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, render::sample()).unwrap();
    }
    let sample = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        sample == render::sample(),
        "config/thalweg.toml is stale: UPDATE=1 cargo test -p thalweg-config"
    );
    Loader::new().toml(&sample, "thalweg.toml").unwrap();

    let settings = sample.lines().filter_map(|line| line.strip_prefix('#'));
    let given = settings.filter(|line| !line.starts_with(' ') && !line.is_empty() && !line.ends_with(" ="));
    let given: Vec<&str> = given.collect();
    assert!(given.len() > 100, "{}", given.len());
    let mut loader = Loader::new();
    loader.toml(&given.join("\n"), "thalweg.toml").unwrap();
    let layers = loader.layers();
    assert_eq!(layers.fixed.len(), given.len());
    for (name, given) in &layers.fixed {
        let setting = table::broker(name).unwrap();
        let of = |text: &str| thalweg_config::Value::parse(setting, text).unwrap();
        assert_eq!(of(&given.text), of(setting.default.unwrap()), "{name}");
    }
}

#[test]
fn every_setting_has_a_variable_of_its_own_and_documentation() {
    let mut variables: Vec<String> =
        table::brokers().map(|setting| load::variable_of(setting.name)).collect();
    let all = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), all);
    let settings =
        table::brokers().chain(table::topics()).chain(table::groups()).chain(table::client_metrics());
    for setting in settings {
        assert!(setting.doc.len() > 15 && setting.doc.ends_with('.'), "{}: {}", setting.name, setting.doc);
    }
    let unknown = [("THALWEG_LOG_SEGMENT_BITES".to_owned(), "1".to_owned())];
    let error = Loader::new().environment(unknown).unwrap_err();
    assert_eq!(error.hint().unwrap(), "did you mean \"log.segment.bytes\"?");
    let others = ["THALWEG_BOOTSTRAP", "HOME", "THALWEG_SERVICE_HOST", "THALWEG_PORT_9092_TCP"];
    Loader::new().environment(others.map(|name| (name.to_owned(), "x".to_owned()))).unwrap();
    for setting in table::brokers() {
        let variable = load::variable_of(setting.name);
        let expected = setting.default.unwrap_or("1").to_owned();
        let mut loader = Loader::new();
        loader.environment([(variable, expected.clone())]).unwrap();
        assert_eq!(loader.layers().given(setting.name), Some(expected.as_str()), "{}", setting.name);
    }
}

#[test]
fn flags_cover_the_environment_and_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("thalweg.toml");
    std::fs::write(&file, "node.id = 7\nnum.partitions = 2\nhttp.listener = \"127.0.0.1:1\"\n").unwrap();
    let flags = Flags {
        config: Some(file.clone()),
        data_dir: Some(PathBuf::from("/srv/data")),
        listen_kafka: Some("[::1]:0".to_owned()),
        advertise: Some("broker.example:9092".to_owned()),
        set: vec!["num.partitions=4".to_owned()],
        ..Flags::default()
    };
    let variables = [("THALWEG_NUM_PARTITIONS", "3"), ("THALWEG_BROKER_RACK", "r1")];
    let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let settings = flags.load(variables).unwrap();
    assert_eq!((settings.node_id, settings.topics.partitions), (7, 4));
    assert_eq!(settings.rack.as_deref(), Some("r1"));
    assert_eq!(settings.log.directory, PathBuf::from("/srv/data"));
    let listener = settings.network.listeners.first().unwrap();
    assert_eq!((listener.host.as_str(), listener.port), ("::1", 0));
    assert_eq!(listener.to_string(), "PLAINTEXT://[::1]:0");
    assert_eq!(settings.network.advertised.first().unwrap().host, "broker.example");
    assert!(settings.network.insecure_listeners().is_empty());

    let open = Flags { listen_kafka: Some("0.0.0.0:9092".to_owned()), ..Flags::default() };
    let settings = open.load([]).unwrap();
    assert_eq!(settings.network.insecure_listeners(), ["PLAINTEXT://0.0.0.0:9092"]);

    std::fs::write(&file, "num.partitions = 2\nnum.partitions = 3\n").unwrap();
    let error = Flags { config: Some(file.clone()), ..Flags::default() }.load([]).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}:2: ", file.display())) && !error.contains('\n'), "{error}");
}
