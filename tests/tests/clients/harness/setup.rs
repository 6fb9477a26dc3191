//! Set-up of foreign clients from their package registries, once, in the user's cache directory.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{command, peers};

const LIMIT: Duration = Duration::from_secs(600);
const JDK: &str = "install a Java 17 JDK (Debian: openjdk-17-jdk-headless)";

/// What stream engines reach into on Java 17.
const OPENED: [&str; 6] = [
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/sun.security.action=ALL-UNNAMED",
];

/// The folder of a client's sources, `tests/clients/NAME`.
pub fn sources(client: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(client)
}

/// A Python that has the clients of `tests/clients/python/requirements.txt`, ready to run one of the scripts there.
pub fn python(script: &str) -> Command {
    let wanted = sources("python").join("requirements.txt");
    let folder = prepared("python", &wanted, |folder| {
        let python = command::program("python3", "install Python 3 with venv (Debian: python3-venv)");
        command::run(Command::new(python).args(["-m", "venv"]).arg(folder), b"", LIMIT);
        let mut pip = Command::new(folder.join("bin/pip"));
        command::run(
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&wanted),
            b"",
            LIMIT,
        );
    });
    let mut command = Command::new(folder.join("bin/python"));
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(sources("python").join(script));
    command
}

/// Node with the packages of a client's `package.json`, ready to run one of its scripts.
pub fn node(client: &str, script: &str) -> Command {
    let wanted = sources(client).join("package.json");
    let node = command::program("node", "install Node.js 20 or newer");
    let folder = prepared(client, &wanted, |folder| {
        let npm = command::program("npm", "install npm");
        std::fs::copy(&wanted, folder.join("package.json")).unwrap();
        let args = ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"];
        command::run(Command::new(npm).args(args).current_dir(folder), b"", LIMIT);
    });
    let mut command = Command::new(node);
    command.env("NODE_PATH", folder.join("node_modules")).arg(sources(client).join(script));
    command
}

/// A program written in Go, built: `package` is its folder within the client's. Go itself knows when there is nothing to do.
pub fn go(client: &str, package: &str) -> Command {
    let go = command::program("go", "install Go 1.26 or newer");
    let folder = cache();
    std::fs::create_dir_all(&folder).unwrap();
    let binary = folder.join(Path::new(client).join(package).to_str().unwrap().replace('/', "-"));
    let package = format!("./{package}");
    let mut build = Command::new(go);
    build.args(["build", "-buildvcs=false", "-o"]).arg(&binary).arg(package);
    command::run(build.current_dir(sources(client)), b"", LIMIT);
    Command::new(binary)
}

/// A program on Apache Kafka's own client, `tests/clients/java/NAME.java`, compiled, in a small virtual machine.
pub fn java(name: &str) -> Command {
    let class_path = compiled("java", name, &peers::class_path());
    let mut command = Command::new(command::program("java", JDK));
    command.args(["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    command.args(["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", &class_path, name]);
    command
}

/// A job on a stream engine, `tests/clients/NAME/Job.java`, compiled with the jars of the `pom.xml` beside it.
pub fn engine(name: &str, heap: &str) -> Command {
    let wanted = sources(name).join("pom.xml");
    let folder = prepared(name, &wanted, |folder| {
        let maven = command::program("mvn", "install Maven (Debian: maven)");
        std::fs::copy(&wanted, folder.join("pom.xml")).unwrap();
        let args = ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"];
        command::run(Command::new(maven).args(args).current_dir(folder), b"", LIMIT);
    });
    let class_path = compiled(name, "Job", &format!("{}/jars/*", folder.display()));
    let mut command = Command::new(command::program("java", JDK));
    command.arg(format!("-Xmx{heap}")).args(OPENED);
    command.args(["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", &class_path, "Job"]);
    command
}

/// The class path of `tests/clients/FOLDER/NAME.java`, compiled once for each content of it, before the jars it is compiled with.
fn compiled(folder: &str, name: &str, jars: &str) -> String {
    let compiler = command::program("javac", JDK);
    let source = sources(folder).join(format!("{name}.java"));
    let classes = prepared(&format!("{folder}-{name}"), &source, |classes| {
        let mut compile = Command::new(compiler);
        compile.args(["-nowarn", "-proc:none", "-cp", jars, "-d"]).arg(classes).arg(&source);
        command::run(&mut compile, b"", LIMIT);
    });
    format!("{}:{jars}", classes.display())
}

fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("thalweg-clients")
}

/// A folder that `fill` has filled, once for each content of the file that says what is wanted.
fn prepared(name: &str, wanted: &Path, fill: impl FnOnce(&Path)) -> PathBuf {
    let mut hash = DefaultHasher::new();
    std::fs::read(wanted).unwrap().hash(&mut hash);
    let folder = cache().join(format!("{name}-{:016x}", hash.finish()));
    let complete = folder.join(".complete");
    if !complete.exists() {
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        fill(&folder);
        std::fs::write(complete, b"").unwrap();
    }
    folder
}
