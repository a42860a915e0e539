// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commandline.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "app/cli/benchcommand.h"
#include "app/cli/commands.h"
#include "app/cli/openmodel.h"
#include "core/base/bytes.h"

namespace glowworm {

namespace {

constexpr int kFailed = 1, kUsage = 2, kInterrupted = 130;

// Validators without descriptions of their own: an option's type name says what it takes.
const CLI::Validator kSize(
    [](std::string& text) {
        const Result<uint64_t> bytes = parseBytes(text);
        return bytes ? std::string() : bytes.error().message;
    },
    "");
const CLI::Validator kWindow(
    [](std::string& text) {
        const Result<uint32_t> window = parseWindow(text);
        return window ? std::string() : window.error().message;
    },
    "");

template <typename T>
CLI::Validator range(T low, T high) {
    return CLI::Range(low, high).description("");
}

CLI::Validator oneOf(const std::vector<std::string>& words) {
    return CLI::IsMember(words).description("");
}

// Owns the parser and what it fills in; one per run.
class CommandLine {
  public:
    explicit CommandLine(CliEnvironment& environment);
    int run(std::vector<std::string> arguments);

  private:
    using Command = std::function<Status(const DataPaths&)>;
    CLI::App* add(CLI::App& parent, const char* name, const char* what, const char* examples,
                  Command command);
    void addGenerate();
    void addChat();
    void addAnalysis();
    void addImport();
    void addProbe();
    void addSynth();
    void addCalibrate();
    void addModels();
    void addHelp();
    void modelOptions(CLI::App& command, ModelOptions& options);
    void samplingOptions(CLI::App& command, SamplingOptions& options, uint32_t& maxTokens);
    int showHelp(const CLI::App& app);

    CliEnvironment& m_environment;
    CLI::App m_app{"Glowworm: chat with language models larger than your memory.", "glowworm-cli"};
    std::string m_dataDir;
    std::vector<std::string> m_helpFor;
    Command m_chosen;
    GenerateOptions m_generate;
    ChatOptions m_chat;
    LogitsOptions m_logits;
    TokenizeOptions m_tokenize;
    PerplexityOptions m_perplexity;
    ImportCommandOptions m_import;
    ProbeOptions m_probe;
    SynthOptions m_synth;
    CalibrateOptions m_calibrate;
    ModelsOptions m_models;
};

CommandLine::CommandLine(CliEnvironment& environment) : m_environment(environment) {
    m_app.require_subcommand(1);
    m_app.fallthrough();
    m_app.add_option("--data-dir", m_dataDir, "Where models lie, instead of the usual data folder")
        ->type_name("DIR");
    m_app.footer(
        "MODEL is \"starter\", an installed name, a bundle's path, or a GGUF file or "
        "Hugging Face folder\n(imported once). SIZE is 300M, 2G (binary) or bytes.\n"
        "glowworm-cli COMMAND --help tells more about a command.");
    addChat();
    addGenerate();
    addImport();
    addCalibrate();
    addModels();
    addProbe();
    addSynth();
    addAnalysis();
    m_app.add_subcommand("bench", "Measures: bench TABLE; bench --help lists the tables");
    addHelp();
}

CLI::App* CommandLine::add(CLI::App& parent, const char* name, const char* what,
                           const char* examples, Command command) {
    CLI::App* sub = parent.add_subcommand(name, what);
    sub->footer(std::string("Examples:\n") + examples);
    sub->final_callback([this, command = std::move(command)] { m_chosen = command; });
    return sub;
}

void CommandLine::modelOptions(CLI::App& command, ModelOptions& options) {
    command.add_option("--budget", options.budget, "Memory the model may use; all of it otherwise")
        ->type_name("SIZE")
        ->check(kSize);
    command.add_option("--window", options.window, "Tokens back whose neurons are kept")
        ->type_name("K|auto")
        ->check(kWindow);
    command.add_option("--context", options.context, "Tokens that fit a conversation")
        ->type_name("N")
        ->check(range(1U, 1U << 24))
        ->capture_default_str();
    command.add_option("--threads", options.threads, "Threads that compute; one a core otherwise")
        ->type_name("N")
        ->check(range(1U, 1024U));
    command.add_option("--reader", options.reader, "How flash is read")
        ->type_name("auto|uring|pread|memory")
        ->check(oneOf({"auto", "uring", "pread", "memory"}))
        ->capture_default_str();
    command
        .add_option("--predictor", options.predictor,
                    "What guesses the neurons, of those that the model has")
        ->type_name("low-rank|sketch|shadow|...");
    command.add_flag("--exact", options.exact, "Compute every neuron: the dense model");
    command.add_option("--without", options.without, "Techniques to leave out, to measure them")
        ->type_name(
            "persistence,predictor,window,frequency,manager,prefetch,direct-io")
        ->delimiter(',')
        ->check(oneOf({"persistence", "predictor", "window", "frequency", "manager", "prefetch",
                       "direct-io"}));
    command.add_option("--baseline", options.baseline, "How models larger than memory ran before")
        ->type_name("naive|hybrid")
        ->check(oneOf({"naive", "hybrid"}));
}

void CommandLine::samplingOptions(CLI::App& command, SamplingOptions& options,
                                  uint32_t& maxTokens) {
    const auto share = range(0.0, 1.0);
    command.add_option("--max-tokens", maxTokens, "Tokens of an answer at most")->type_name("N");
    command.add_option("--temperature", options.temperature, "0: always the likeliest token")
        ->type_name("T")
        ->check(range(0.0, 100.0))
        ->capture_default_str();
    command.add_option("--seed", options.seed, "The same seed gives the same answer; 0: any")
        ->type_name("S");
    command.add_option("--top-k", options.top_k, "Only the K likeliest tokens; 0: all")
        ->type_name("K")
        ->capture_default_str();
    command.add_option("--top-p", options.top_p, "Only the likeliest tokens of this share; 1: all")
        ->type_name("P")
        ->check(share)
        ->capture_default_str();
    command.add_option("--min-p", options.min_p, "Only tokens this likely beside the likeliest")
        ->type_name("P")
        ->check(share)
        ->capture_default_str();
    command.add_option("--repeat-penalty", options.repeat_penalty, "Above 1: fewer repetitions")
        ->type_name("R")
        ->check(range(0.01, 100.0))
        ->capture_default_str();
}

void CommandLine::addChat() {
    CLI::App* chat =
        add(m_app, "chat", "Chats in the terminal (/help there lists what can be set)",
            "  glowworm-cli chat\n"
            "  glowworm-cli chat mistral --budget 3G --context 4096\n"
            "  glowworm-cli chat model.gguf --system \"Answer in French.\"",
            [this](const DataPaths& paths) { return runChat(paths, m_chat, m_environment); });
    m_chat.model.model = "starter";
    chat->add_option("MODEL", m_chat.model.model, "The model")
        ->type_name("")
        ->capture_default_str();
    chat->add_option("--system", m_chat.system, "The system prompt; the model's own otherwise")
        ->type_name("TEXT");
    modelOptions(*chat, m_chat.model);
    samplingOptions(*chat, m_chat.sampling, m_chat.maxTokens);
}

void CommandLine::addGenerate() {
    CLI::App* generate = add(
        m_app, "generate", "Answers one prompt",
        "  glowworm-cli generate starter --prompt \"Why is the sky blue?\" --max-tokens 100\n"
        "  glowworm-cli generate starter --raw --prompt \"Once upon a time\" --seed 7\n"
        "  glowworm-cli generate mistral --prompt - --budget 3G --json < question.txt",
        [this](const DataPaths& paths) { return runGenerate(paths, m_generate, m_environment); });
    generate->add_option("MODEL", m_generate.model.model, "The model")->type_name("")->required();
    generate->add_option("--prompt", m_generate.prompt, "The prompt; - or none: standard input")
        ->type_name("TEXT");
    generate->add_option("--system", m_generate.system, "The system prompt")->type_name("TEXT");
    generate->add_flag("--raw", m_generate.raw, "The prompt as it is, without the chat template");
    generate->add_flag("--json", m_generate.json,
                       "A line a token with its figures, then a summary");
    generate->add_option("--curve", m_generate.curveFile,
                         "Writes what each budget would bring, as JSON")
        ->type_name("FILE");
    modelOptions(*generate, m_generate.model);
    samplingOptions(*generate, m_generate.sampling, m_generate.maxTokens);
    generate->parse_complete_callback([this, generate] {
        m_generate.promptGiven = generate->count("--prompt") > 0;
        if (!m_generate.promptGiven && m_environment.inIsTerminal) {
            throw CLI::RequiredError("--prompt");
        }
    });
}

void CommandLine::addAnalysis() {
    CLI::App* logits =
        add(m_app, "logits", "The logits after each of some tokens",
            "  glowworm-cli logits starter --tokens 2,15,7 --exact --json",
            [this](const DataPaths& paths) { return runLogits(paths, m_logits, m_environment); });
    logits->add_option("MODEL", m_logits.model.model, "The model")->type_name("")->required();
    logits->add_option("--tokens", m_logits.tokens, "Token ids")
        ->type_name("ID,ID,...")
        ->delimiter(',')
        ->required()
        ->check(range(0, INT32_MAX));
    logits->add_flag("--json", m_logits.json, "{\"logits\": [[...], ...]}, a row a position");
    modelOptions(*logits, m_logits.model);

    CLI::App* tokenize = add(
        m_app, "tokenize", "The token ids of a text",
        "  glowworm-cli tokenize starter --text \"Hello world\" --json\n"
        "  glowworm-cli tokenize starter --text - < README.md",
        [this](const DataPaths& paths) { return runTokenize(paths, m_tokenize, m_environment); });
    tokenize->add_option("MODEL", m_tokenize.model, "The model")->type_name("")->required();
    tokenize->add_option("--text", m_tokenize.text, "The text; -: standard input")
        ->type_name("TEXT")
        ->required();
    tokenize->add_flag("--special", m_tokenize.special,
                       "Reads spellings of special tokens and adds those the model adds");
    tokenize->add_flag("--json", m_tokenize.json, "An array");

    CLI::App* perplexity = add(m_app, "perplexity", "How well the model foretells a text",
                               "  glowworm-cli perplexity starter --file book.txt --budget 60M\n"
                               "  glowworm-cli perplexity starter --file book.txt --exact --json",
                               [this](const DataPaths& paths) {
                                   return runPerplexity(paths, m_perplexity, m_environment);
                               });
    perplexity->add_option("MODEL", m_perplexity.model.model, "The model")
        ->type_name("")
        ->required();
    perplexity->add_option("--file", m_perplexity.file, "A text in UTF-8")
        ->type_name("FILE")
        ->required();
    perplexity->add_flag("--json", m_perplexity.json, "{\"perplexity\", \"nll_nats\", \"tokens\"}");
    modelOptions(*perplexity, m_perplexity.model);
}

void CommandLine::addImport() {
    CLI::App* import =
        add(m_app, "import", "Brings a GGUF file or a Hugging Face folder in",
            "  glowworm-cli import ~/Downloads/mistral.gguf --name mistral\n"
            "  glowworm-cli import ./opt-6.7b --name opt --dtype q8_0",
            [this](const DataPaths& paths) { return runImport(paths, m_import, m_environment); });
    import->add_option("PATH", m_import.path, "A .gguf file, or a folder with config.json")
        ->type_name("")
        ->required();
    import->add_option("--name", m_import.name, "What it will be called")
        ->type_name("NAME")
        ->required();
    import->add_option("--dtype", m_import.dtype, "The weights' type in the bundle")
        ->type_name("f32|f16|bf16|q8_0|keep")
        ->check(oneOf({"f32", "f16", "bf16", "q8_0", "keep"}))
        ->capture_default_str();
    import
        ->add_option("--stream", m_import.stream,
                     "auto: small gate and up rows stay in memory; whole: all is on flash")
        ->type_name("auto|whole")
        ->check(oneOf({"auto", "whole"}))
        ->capture_default_str();
    import
        ->add_option("--shadow", m_import.shadow,
                     "Bits of the copy that stands in for unread neurons, without ReLU")
        ->type_name("auto|none|2|3|4")
        ->check(oneOf({"auto", "none", "2", "3", "4"}))
        ->capture_default_str();
    import->add_option("--threads", m_import.threads, "Threads that calibrate")
        ->type_name("N")
        ->check(range(1U, 1024U));
    import->add_flag("--json", m_import.json, "What was imported, as an object");
}

void CommandLine::addProbe() {
    CLI::App* probe =
        add(m_app, "probe", "Measures this disk and memory once, and foretells a model's speed",
            "  glowworm-cli probe\n"
            "  glowworm-cli probe mistral --budget 3G --json",
            [this](const DataPaths& paths) { return runProbe(paths, m_probe, m_environment); });
    probe->add_option("MODEL", m_probe.model, "The model whose speed is foretold")->type_name("");
    probe->add_option("--budget", m_probe.budget, "Memory the model may use; all of it otherwise")
        ->type_name("SIZE")
        ->check(kSize);
    probe->add_option("--context", m_probe.context, "Tokens that fit a conversation")
        ->type_name("N")
        ->check(range(1U, 1U << 24))
        ->capture_default_str();
    probe->add_flag("--again", m_probe.again, "Measures even what is remembered");
    probe->add_flag("--json", m_probe.json, "For programs");
}

void CommandLine::addSynth() {
    CLI::App* synth =
        add(m_app, "synth", "Writes a model for measurements: real size, planted statistics",
            "  glowworm-cli synth --shape opt-6.7b /tmp/opt-6.7b\n"
            "  glowworm-cli synth --shape relu-llama-30b --dtype q4_0 --sparsity 0.9 /tmp/big",
            [this](const DataPaths&) { return runSynth(m_synth, m_environment); });
    synth->add_option("OUT", m_synth.folder, "The bundle's folder, which must not exist")
        ->type_name("")
        ->required();
    synth->add_option("--shape", m_synth.shape, "The published model whose size it has")
        ->type_name("NAME")
        ->required();
    synth->add_option("--dtype", m_synth.dtype, "The weights' type")
        ->type_name("f16|bf16|q8_0|q4_0|q4_1")
        ->check(oneOf({"f16", "bf16", "q8_0", "q4_0", "q4_1"}))
        ->capture_default_str();
    synth->add_option("--sparsity", m_synth.sparsity, "Share of zeros; as published otherwise")
        ->type_name("S")
        ->check(range(0.1F, 0.999F));
    synth->add_option("--shadow", m_synth.shadow_bits,
                      "Bits of the shadow of a silu shape; a 4-bit sketch otherwise")
        ->type_name("2|3|4")
        ->check(oneOf({"2", "3", "4"}));
    synth->add_option("--layers", m_synth.layers, "Fewer layers than the published model has")
        ->type_name("N")
        ->check(range(1U, 1000U));
    synth->add_option("--seed", m_synth.seed, "Other seeds give other weights")
        ->type_name("S")
        ->capture_default_str();
    synth->add_option("--threads", m_synth.threads, "Threads that write; one a core otherwise")
        ->type_name("N")
        ->check(range(1U, 1024U));
}

void CommandLine::addCalibrate() {
    CLI::App* calibrate = add(
        m_app, "calibrate", "Trains a model's predictors on a text; a stopped run goes on later",
        "  glowworm-cli calibrate opt --text book.txt\n"
        "  glowworm-cli calibrate opt --text book.txt --recall 0.98 --minutes 30 --order",
        [this](const DataPaths& paths) { return runCalibrate(paths, m_calibrate, m_environment); });
    calibrate->add_option("MODEL", m_calibrate.model, "The model")->type_name("")->required();
    calibrate->add_option("--text", m_calibrate.text, "A text like what the model will see")
        ->type_name("FILE")
        ->required();
    calibrate
        ->add_option("--recall", m_calibrate.recall,
                     "Share of the firing neurons that is foretold: more is read, less is lost")
        ->type_name("R")
        ->check(range(0.5, 0.9999))
        ->capture_default_str();
    calibrate->add_option("--rank", m_calibrate.rank, "Of every layer; chosen by layer otherwise")
        ->type_name("N")
        ->check(range(1U, 4096U));
    calibrate->add_option("--minutes", m_calibrate.minutes, "To train for at most")
        ->type_name("M")
        ->check(range(0.01, 10000.0));
    calibrate->add_option("--tokens", m_calibrate.tokens, "Of the text, at most")
        ->type_name("N")
        ->check(range(kTrainTokensMin, 1U << 24))
        ->capture_default_str();
    calibrate->add_option("--threads", m_calibrate.threads, "Threads that compute")
        ->type_name("N")
        ->check(range(1U, 1024U));
    calibrate->add_flag("--order", m_calibrate.order,
                        "Puts neurons that fire together side by side on flash");
    calibrate->add_flag("--json", m_calibrate.json, "The report as an object");
}

void CommandLine::addModels() {
    CLI::App* models = m_app.add_subcommand("models", "The models on this machine");
    models->require_subcommand(1);
    models->fallthrough();
    const auto context = [this](CLI::App* command) {
        command->add_option("--context", m_models.context, "The context that budgets are told for")
            ->type_name("N")
            ->check(range(1U, 1U << 24))
            ->capture_default_str();
    };
    const auto common = [this](CLI::App* command, bool needsModel) {
        if (needsModel)
            command->add_option("MODEL", m_models.model, "The model")->type_name("")->required();
        command->add_flag("--json", m_models.json, "For programs");
    };
    using Run = Status (*)(const DataPaths&, const ModelsOptions&, CliEnvironment&);
    const auto make = [&](const char* name, const char* what, const char* example, Run function,
                          bool needsModel) {
        CLI::App* command =
            add(*models, name, what, example, [this, function](const DataPaths& paths) {
                return function(paths, m_models, m_environment);
            });
        common(command, needsModel);
        return command;
    };
    context(make("list", "Lists the models", "  glowworm-cli models list --json", runModelsList,
                 false));
    context(make("info", "What a model is and needs", "  glowworm-cli models info starter",
                 runModelsInfo, true));
    make("verify", "Reads all of a model and compares its checksums",
         "  glowworm-cli models verify starter", runModelsVerify, true);
    CLI::App* exporting =
        make("export", "Writes a model to one file",
             "  glowworm-cli models export mistral ~/mistral.glowworm", runModelsExport, true);
    exporting->add_option("FILE", m_models.file, "Where to; it must not be there yet")
        ->type_name("")
        ->required();
    exporting->add_flag("--force", m_models.force, "Replace FILE if it is there");
    CLI::App* importing = make("import-archive", "Takes a model from such a file, checked",
                               "  glowworm-cli models import-archive ~/mistral.glowworm",
                               runModelsImportArchive, false);
    importing->add_option("FILE", m_models.file, "The archive")->type_name("")->required();
    importing->add_option("--name", m_models.name, "What to call it; as FILE is called otherwise")
        ->type_name("NAME");
    make("remove", "Removes a model from this machine", "  glowworm-cli models remove mistral",
         runModelsRemove, true);
}

void CommandLine::addHelp() {
    CLI::App* help = m_app.add_subcommand("help", "Shows the help of a command");
    help->add_option("COMMAND", m_helpFor, "The command")->type_name("");
    help->final_callback([this] {
        m_chosen = [this](const DataPaths&) -> Status {
            const CLI::App* app = &m_app;
            for (const std::string& name : m_helpFor) {
                const auto found = app->get_subcommands(
                    [&](const CLI::App* sub) { return sub->get_name() == name; });
                if (found.empty()) {
                    return fail(ErrorCode::kInvalidArgument, "there is no command " + name);
                }
                app = found.front();
            }
            showHelp(*app);
            return {};
        };
    });
}

int CommandLine::showHelp(const CLI::App& app) {
    std::string before;
    for (const CLI::App* parent = app.get_parent(); parent; parent = parent->get_parent()) {
        before.insert(0, parent->get_name() + (before.empty() ? "" : " "));
    }
    m_environment.out << app.help(before) << std::flush;
    return 0;
}

int CommandLine::run(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
        m_app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        const CLI::App* app = &m_app;
        while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
        return showHelp(*app);
    } catch (const CLI::Error& error) {
        const std::vector<std::string> unknown = m_app.remaining();
        const bool noCommand = m_app.get_subcommands().empty() && !unknown.empty();
        m_environment.err << "glowworm-cli: "
                          << (noCommand ? "there is no command " + unknown.front() : error.what())
                          << "\nglowworm-cli --help lists the commands; COMMAND --help tells more "
                             "about one.\n"
                          << std::flush;
        return kUsage;
    }
    const Status status = m_chosen(DataPaths::choose(m_dataDir));
    if (status) return 0;
    if (status.error().code == ErrorCode::kCancelled) return kInterrupted;
    m_environment.err << "glowworm-cli: " << status.error().message << '\n' << std::flush;
    return kFailed;
}

}  // namespace

int runCommandLine(std::vector<std::string> arguments, CliEnvironment& environment) {
    if (!arguments.empty() && arguments[0] == "bench") {
        arguments.erase(arguments.begin());
        const Status status = runBench(arguments, environment.programFolder);
        environment.err << "glowworm-cli: " << status.error().message << '\n' << std::flush;
        return kFailed;
    }
    return CommandLine(environment).run(std::move(arguments));
}

}  // namespace glowworm
