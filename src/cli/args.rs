//! The command line: names and help texts.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use iamc::Semantics;
use iamc::terms::UnknownSwitch;
use iamc::world::PolicyType;

/// Compile IAM policies into decision tables, and decide requests from them
#[derive(Debug, Parser)]
#[command(
    name = "iamc",
    version,
    about,
    long_about = "Compile IAM policies into decision tables, and decide requests from them.\n\n\
        A world - policy files, the output of `aws iam get-account-authorization-details`, or what an `iamc.toml` \
        names - becomes one artifact. \
        Deciding needs the artifact only: no AWS credentials, no network.",
    after_long_help = "Examples:\n  \
        iamc check policies/\n  \
        iamc compile account.json -o account.iamc\n  \
        iamc decide account.iamc --principal arn:aws:iam::111122223333:user/ana \\\n      \
        --action s3:GetObject --resource arn:aws:s3:::logs/app.gz\n  \
        iamc test scenarios.json\n  \
        iamc bench account.iamc --requests requests.jsonl\n  \
        iamc graph account.iamc --from arn:aws:iam::111122223333:user/ana\n\n\
        Exit status: 0 success, 1 the answer is no, 2 unusable (usage, input, artifact).",
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Compile(CompileArguments),
    Check(CheckArguments),
    Decide(Box<DecideArguments>),
    Test(TestArguments),
    Inspect(InspectArguments),
    Bench(BenchArguments),
    Graph(GraphArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    iamc completions bash > ~/.local/share/bash-completion/completions/iamc\n  \
    iamc completions zsh > ~/.zfunc/_iamc\n  \
    iamc completions fish > ~/.config/fish/completions/iamc.fish\n\n\
    Exit status: 0 printed, 2 not.")]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// Write manual pages, one of the program and one of each command
///
/// The directory is made where it is not there; pages that are there are replaced.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  iamc man ~/.local/share/man/man1 && man iamc-check\n\n\
    Exit status: 0 written, 2 not.")]
pub(crate) struct ManArguments {
    /// Where the pages go
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
}

/// What is compiled, and how it is read.
#[derive(Debug, Args)]
pub(crate) struct WorldArguments {
    /// Policy documents, policy lines, account dumps, directories of `*.json`, or a manifest; `-` for standard input
    ///
    /// A manifest, `iamc.toml`, names the files of several accounts and their organization, relative to itself.
    #[arg(value_name = "INPUT", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Type of the policy documents, instead of detecting it
    #[arg(long = "type", value_name = "T")]
    pub(crate) policy_type: Option<TypeName>,
    /// Set a switch of the semantics; may be repeated
    ///
    /// An unknown name or value is answered with the list of those that exist.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_switch)]
    pub(crate) semantics: Vec<Switch>,
    /// Warn where a rule still gives a meaning, instead of failing: `--semantics validation=lenient`
    #[arg(long)]
    pub(crate) lenient: bool,
}

impl WorldArguments {
    /// All switches together; later ones win, `--lenient` over all.
    pub(crate) fn semantics(&self) -> Semantics {
        let mut semantics = Semantics::default();
        for Switch { name, value } in &self.semantics {
            // The parser has tried each of them.
            let _ = semantics.set(name, value);
        }
        if self.lenient {
            semantics.validation = iamc::terms::Validation::Lenient;
        }
        semantics
    }

    pub(crate) fn policy_type(&self) -> Option<PolicyType> {
        self.policy_type.map(TypeName::policy_type)
    }
}

/// Compile a world into an artifact
///
/// Writes the artifact only if there is no error; an artifact that was there before stays as it was otherwise. The same
/// input gives the same bytes.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  iamc compile account.json policies/ -o account.iamc\n\n\
    Exit status: 0 compiled, 2 not.")]
pub(crate) struct CompileArguments {
    #[command(flatten)]
    pub(crate) world: WorldArguments,
    /// Where the artifact goes
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Optimize, which is the default; `-O0` does not
    #[arg(
        short = 'O',
        value_name = "LEVEL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "1",
        default_missing_value = "1",
        hide_default_value = true,
        value_parser = ["0", "1"],
        hide_possible_values = true
    )]
    pub(crate) optimize: String,
    /// Fail on warnings too
    #[arg(long, value_name = "warnings")]
    pub(crate) deny: Option<Deny>,
}

/// Report what is wrong in policies, without compiling them to a file
///
/// All findings of one run, in the order of the names of files; many files are checked in parallel. `[check]` in the
/// manifest, or in `iamc.toml` where you stand, turns codes off (`off`), also for some files (`paths`), and sets their
/// severities (`levels`).
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    iamc check policies/ --fail-on warning\n  \
    iamc check policies/ --fix\n  \
    iamc check policies/ --format sarif > iamc.sarif\n  \
    iamc check policies/ --write-baseline .iamc-baseline.json\n  \
    iamc check policies/ --baseline .iamc-baseline.json --fail-on warning\n  \
    iamc check --explain iamc::action::unknown\n\n\
    Exit status: 0 nothing at or above the failing level, 1 some findings, 2 usage or unreadable files.")]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) world: WorldArguments,
    /// How findings are printed: `human`, `json`, `sarif`, `github` or `junit`
    ///
    /// `json` is one object per line, `sarif` one log of SARIF 2.1.0 for code scanning, `github` annotations of a
    /// workflow, `junit` an XML report in which what reaches `--fail-on` has failed.
    #[arg(long, value_name = "FORMAT", default_value = "human", hide_possible_values = true)]
    pub(crate) format: CheckFormat,
    /// Least severity that makes the exit status 1
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(crate) fail_on: FailOn,
    /// Make the edits that findings propose, and report what remains
    ///
    /// Only where what is meant is certain: all other bytes of a file stay as they are, and a file is replaced as a whole
    /// or not at all. Of two edits that overlap the first is made, then everything is checked again.
    #[arg(long)]
    pub(crate) fix: bool,
    /// Neither report nor count the findings that this file knows
    ///
    /// A finding is known by its code, its token and the line around it, so that it may move within its file.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what is found to a baseline instead of reporting it
    ///
    /// Together with `--baseline` what is written are the entries of it that still occur, and new findings are reported.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Explain a code that `check` prints, such as `iamc::action::unknown`, instead of checking anything
    #[arg(long, value_name = "CODE", exclusive = true)]
    pub(crate) explain: Option<String>,
}

/// Decide a request, or a stream of requests
///
/// A request names a principal, or policies of the artifact that are given to a nameless one, or both. `aws:CurrentTime`
/// is now unless the context tells the time.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    iamc decide account.iamc --principal arn:aws:iam::111122223333:user/ana \\\n      \
    --action s3:GetObject --resource arn:aws:s3:::logs/app.gz --context aws:SourceIp=203.0.113.7\n  \
    iamc decide policies.iamc --policy ReadOnly --action s3:GetObject --resource arn:aws:s3:::b/k\n  \
    iamc decide account.iamc --requests requests.jsonl\n\n\
    Exit status: 0 decided, 2 not; with --exit-status 0 allowed, 3 implicitly denied, 4 explicitly denied.")]
pub(crate) struct DecideArguments {
    /// Artifact that `iamc compile` wrote
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifact: PathBuf,
    /// What is to be done, `service:Name`
    #[arg(long, value_name = "A", required_unless_present = "requests")]
    pub(crate) action: Option<String>,
    /// What it is to be done to: an ARN, or `*` for an action without a resource
    #[arg(long, value_name = "R", required_unless_present = "requests")]
    pub(crate) resource: Option<String>,
    /// Who asks: ARN of a user, role session, federated user or account root, `anonymous`, or a service principal
    #[arg(long, value_name = "P")]
    pub(crate) principal: Option<String>,
    /// Name or ARN of an identity policy that the principal is given; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Vec<String>,
    /// Account that owns the resource
    #[arg(long, value_name = "N")]
    pub(crate) resource_account: Option<String>,
    /// Value of a context key; may be repeated
    ///
    /// The same key given several times makes a list. `K[]=V` makes a list of one value, `K[]` alone an empty one.
    #[arg(long, value_name = "K=V", value_parser = parse_context)]
    pub(crate) context: Vec<ContextEntry>,
    /// File with a session policy, compiled on the spot; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) session_policy: Vec<PathBuf>,
    /// VPC endpoint that the request came through
    #[arg(long, value_name = "ID")]
    pub(crate) endpoint: Option<String>,
    /// Let a context value win over one that the principal, the resource or the world derives
    #[arg(long)]
    pub(crate) trust_context: bool,
    /// Requests, one JSON object per line, `-` for standard input; prints one decision per line
    #[arg(
        long,
        value_name = "FILE.jsonl",
        conflicts_with_all = [
            "action", "resource", "principal", "policy", "resource_account", "context", "session_policy", "endpoint",
            "exit_status"
        ]
    )]
    pub(crate) requests: Option<PathBuf>,
    /// How the decision is printed: `human` (default for one request) or `json`
    #[arg(long, value_name = "human|json")]
    pub(crate) format: Option<Format>,
    /// Tell the decision by the exit status
    #[arg(long)]
    pub(crate) exit_status: bool,
}

/// Run scenario files: questions with their policies and expected answers
///
/// Each scenario is compiled and decided on its own. The time is never filled in.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  iamc test scenarios.json --format json\n\n\
    Exit status: 0 every judged scenario passes, 1 one does not, 2 a file cannot be read.")]
pub(crate) struct TestArguments {
    /// Scenario files: a JSON array of scenarios, or one scenario per line
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How outcomes are printed: `human`, or `json` with one object per line
    #[arg(long, value_name = "human|json", default_value = "human", hide_possible_values = true)]
    pub(crate) format: Format,
}

/// Show what is in an artifact
///
/// Sizes per section, counts, what each pass removed, switches of the semantics, context keys that requests should
/// carry, and the inputs with their digests.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    iamc inspect account.iamc\n  \
    iamc inspect account.iamc --action s3:GetObject\n\n\
    Exit status: 0 shown, 2 not an artifact.")]
pub(crate) struct InspectArguments {
    /// Artifact that `iamc compile` wrote
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifact: PathBuf,
    /// Show instead the context keys that can change a decision about this action
    ///
    /// With their types and who has to supply them: the program derives it, the host has to know it, or the caller says
    /// it in the call.
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// How it is printed
    #[arg(long, value_name = "human|json", default_value = "human", hide_possible_values = true)]
    pub(crate) format: Format,
}

/// Measure how long decisions take
///
/// Requests are read once beforehand; then they are decided again and again on one thread, each from its texts as a host
/// would give them: names of principal, action and context keys are looked up every time.
///
/// The mean is that of batches without a clock in between; of the times of one batch the median counts, so that other
/// programs disturb little. For the percentiles single decisions are timed, and what reading the clock takes by itself,
/// measured beforehand, is subtracted. Loading is repeated too, and its median shown.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    iamc bench account.iamc --requests requests.jsonl\n  \
    iamc bench account.iamc --requests requests.jsonl --seconds 10 --format json\n\n\
    A few hundred requests show what decisions cost whose tables are in the processor's caches, tens of thousands over \
    all principals what they cost when they are not.\n\n\
    Exit status: 0 measured, 2 not: also where a single line is no request that the artifact can answer.")]
pub(crate) struct BenchArguments {
    /// Artifact that `iamc compile` wrote
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifact: PathBuf,
    /// Requests, one JSON object per line, as for `iamc decide`; `-` for standard input
    #[arg(long, value_name = "FILE.jsonl")]
    pub(crate) requests: PathBuf,
    /// How long to measure
    #[arg(
        long,
        value_name = "N",
        default_value = "3",
        allow_negative_numbers = true,
        value_parser = parse_seconds
    )]
    pub(crate) seconds: Duration,
    /// How it is printed
    #[arg(long, value_name = "human|json", default_value = "human", hide_possible_values = true)]
    pub(crate) format: Format,
}

/// Show which roles a principal can become, directly or through other roles
///
/// Every edge is a decision over trust and identity policies, boundaries and organization policies. What nobody can know
/// beforehand (an external id, MFA, an address) is left open and named, with an example that the ordinary decision
/// allows. Roles that the principal can hand to a service count too, and are marked.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    iamc graph account.iamc --from arn:aws:iam::111122223333:user/ana\n  \
    iamc graph account.iamc --from arn:aws:iam::111122223333:role/deploy --format json\n  \
    iamc graph account.iamc --from token.actions.githubusercontent.com --format dot > who.dot\n\n\
    Exit status: 0 shown, also where no role is reachable, 2 not an artifact, or no such principal.")]
pub(crate) struct GraphArguments {
    /// Artifact that `iamc compile` wrote
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifact: PathBuf,
    /// Where to begin: ARN of a user, role, role session, instance profile, account root or identity provider; a service
    /// principal; the host of an identity provider; or `anonymous`
    #[arg(long, value_name = "PRINCIPAL")]
    pub(crate) from: String,
    /// How it is printed: `human`, `dot` for Graphviz, or `json` as one object
    #[arg(long, value_name = "human|dot|json", default_value = "human", hide_possible_values = true)]
    pub(crate) format: GraphFormat,
}

/// Form of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    Human,
    Dot,
    Json,
}

/// Form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

/// Form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    Human,
    Json,
    Sarif,
    Github,
    Junit,
}

/// `--deny`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    Warnings,
}

/// `--fail-on`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    SecurityWarning,
    Warning,
    Suggestion,
}

/// `--type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TypeName {
    Identity,
    Resource,
    Scp,
    Rcp,
    Boundary,
    Session,
    Endpoint,
    Trust,
}

impl TypeName {
    const fn policy_type(self) -> PolicyType {
        match self {
            Self::Identity => PolicyType::Identity,
            Self::Resource => PolicyType::Resource,
            Self::Scp => PolicyType::ServiceControl,
            Self::Rcp => PolicyType::ResourceControl,
            Self::Boundary => PolicyType::Boundary,
            Self::Session => PolicyType::Session,
            Self::Endpoint => PolicyType::Endpoint,
            Self::Trust => PolicyType::Trust,
        }
    }
}

/// A switch of the semantics that exists.
#[derive(Debug, Clone)]
pub(crate) struct Switch {
    name: String,
    value: String,
}

/// One `--context`.
#[derive(Debug, Clone)]
pub(crate) struct ContextEntry {
    pub(crate) key: String,
    /// Nothing for `K[]`.
    pub(crate) value: Option<String>,
    pub(crate) form: ContextForm,
}

/// Whether the key was written with `[]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextForm {
    /// `K=V`
    Plain,
    /// `K[]=V` or `K[]`
    List,
}

/// Gives `-O0`, `-O1` and other digits the form that the parser knows, `-O=0`.
pub(crate) fn normalized(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut is_behind_options = false;
    arguments.map(move |argument| {
        is_behind_options |= argument == "--";
        match argument.to_str() {
            Some(text) if !is_behind_options => match text.strip_prefix("-O") {
                Some(level) if level.starts_with(|first: char| first.is_ascii_digit()) => format!("-O={level}").into(),
                _ => argument,
            },
            _ => argument,
        }
    })
}

fn parse_switch(text: &str) -> Result<Switch, String> {
    let names = || Semantics::SWITCHES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("write NAME=VALUE; the names are {}", names()));
    };
    match Semantics::default().set(name, value) {
        Ok(()) => Ok(Switch { name: name.to_owned(), value: value.to_owned() }),
        Err(UnknownSwitch::Name) => Err(format!("there is no switch `{name}`; the names are {}", names())),
        Err(UnknownSwitch::Value) => {
            let values = Semantics::SWITCHES.iter().find(|(known, _)| *known == name);
            let values = values.map(|(_, values)| values.join(", ")).unwrap_or_default();
            Err(format!("`{name}` has no value `{value}`; the values are {values}"))
        }
    }
}

/// Longest `--seconds`: a day.
const SECONDS_MAX: f64 = 86_400.0;

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| 0.0 < *seconds && *seconds <= SECONDS_MAX);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    // Less than a nanosecond is none.
    let duration = duration.filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| format!("write a number of seconds above 0, up to {SECONDS_MAX}, such as `3` or `0.5`"))
}

fn parse_context(text: &str) -> Result<ContextEntry, String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (text, None),
    };
    let (key, form) = match key.strip_suffix("[]") {
        Some(key) => (key, ContextForm::List),
        None => (key, ContextForm::Plain),
    };
    if key.is_empty() || (value.is_none() && form == ContextForm::Plain) {
        return Err("write K=V, or K[]=V for a list of one value".to_owned());
    }
    Ok(ContextEntry { key: key.to_owned(), value, form })
}
