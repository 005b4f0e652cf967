#include "config/documentation.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "config/decision.h"
#include "config/option.h"

namespace sidetone::config {
namespace {

std::string_view section_of(std::string_view path) { return path.substr(0, path.rfind('.')); }
std::string_view name_of(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::string escaped(std::string_view text, char c, std::string_view with) {
  std::string out;
  for (const char each : text) each == c ? out += with : out += each;
  return out;
}

std::string cell(std::string_view text) { return escaped(text, '|', "\\|"); }

std::string notes(const Option& option) {
  std::string out;
  const auto add = [&](std::string_view note) { out += fmt::format(" {}", note); };
  if (option.has(repeatable)) add("May be repeated, best first.");
  if (option.has(deprecated)) add("Deprecated, still read.");
  if (option.has(ignored)) add("Accepted, changes nothing.");
  for (const auto& decision : decisions())
    if (decision.path == option.path)
      out += fmt::format(" *Open in the documents: {}. Here: {}.*", decision.open, decision.here);
  return out;
}

constexpr std::string_view introduction = R"(# Configuration

<!-- Made from the option table by tools/configuration-docs; a test keeps it current. -->

The phone reads `Softphone.config`, an XML file. It is named by `-c FILE`, or found: in the working directory, in
`$XDG_CONFIG_HOME/sidetone` (`~/.config/sidetone`), in `sidetone` below the folders of `$XDG_CONFIG_DIRS`
(`/etc/xdg`), in `/etc/sidetone`. [Softphone.config.example](Softphone.config.example) has every option with its default.

- `sidetone check-config FILE` tells what is wrong with a file: place, option and what to write instead. It refuses what
  a start would refuse on this machine, but for ports that are taken; with `--elsewhere` it asks nothing of this machine.
- `sidetone check-config --explain OPTION [FILE]` tells what an option means, which values it takes, which value is in
  force and where that comes from.
- Names of sections and settings may be written in any case, XML namespaces may be left out. What the phone does not know is
  kept, and warned of.
- `value=""` is "there, and empty", which some options give a meaning.
- A line without a section `proxyN` takes all of `proxy0`; one that has a section takes nothing from there.

## Changes while the phone runs

The file is watched; SIGHUP and the command `reload` read it again, too. A changed file is checked as a whole: with an error
in it nothing changes, and the error is told. Each option acts at the time that its row names. A call never ends by a
change: it goes on with the codecs, devices and policies that it began with. A line with another server or user leaves the
old server and registers at the new one, at once; its calls stay where they are.

`--set PATH=VALUE` and the command `set_options` win over the file. Paths are the names of domain, section and setting
with dots or colons between (`policy.session.auto_answer`, `proxies:proxy1:display_name`); `user:N`, `server:N` and
`protocol:N` are those of the Connectivity element N, from 0.

## Passwords

A password need not stand in the file. For the option `proxies.proxy0.password` these win over it, in this order:

1. the systemd credential of that name (`LoadCredential=proxies.proxy0.password:/path`),
2. the environment variable `SIDETONE_PROXIES_PROXY0_PASSWORD`.

TURN takes its credentials from `GCTI_TURN_USERNAME` and `GCTI_TURN_PASSWORD`, too. A file with a password that other
users may read is warned of. Passwords are never written to logs, events or dumps.
)";

std::string example_value(const Option& option) {
  return escaped(escaped(option.default_text, '&', "&amp;"), '"', "&quot;");
}

void wrapped_comment(std::string& out, std::string_view indent, std::string_view text) {
  constexpr std::size_t width = 110;
  std::string line = fmt::format("{}<!-- ", indent);
  while (!text.empty()) {
    const auto word = take_until(text, ' ');
    if (line.size() + word.size() > width) {
      out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
      line = fmt::format("{}     ", indent);
    }
    line += fmt::format("{} ", word);
  }
  out += line + "-->\n";
}

// XML has no "--" inside comments.
std::string comment_text(const Option& option) {
  auto text =
      fmt::format("{} ({}; changes {})", option.doc, accepted_values(option), to_string(option.applies));
  for (auto at = text.find("--"); at != std::string::npos; at = text.find("--")) text.replace(at, 2, "- ");
  return text;
}

// Those that stand in a file as a setting of a section with a name of its own.
bool is_plain(const Option& option) {
  return !option.path.starts_with("connectivity.") && option.path.find('*') == std::string_view::npos &&
         !option.has(ignored) && !option.has(deprecated);
}

// Settings of one section, then the sections inside.
struct Section {
  std::string name;
  std::vector<const Option*> options;
  std::vector<Section> inner;
};

Section& inner(Section& of, std::string_view name) {
  const auto at =
      std::find_if(of.inner.begin(), of.inner.end(), [&](const Section& each) { return each.name == name; });
  if (at != of.inner.end()) return *at;
  return of.inner.emplace_back(Section{std::string(name), {}, {}});
}

void write(std::string& out, const Section& section, std::size_t depth) {
  const std::string indent(2 * depth, ' ');
  const auto* element = depth == 3 ? "domain" : "section";
  out += fmt::format("{}<{} name=\"{}\">\n", indent, element, section.name);
  for (const auto* option : section.options) {
    wrapped_comment(out, indent + "  ", comment_text(*option));
    out += fmt::format("{}  <setting name=\"{}\" value=\"{}\"/>\n", indent, name_of(option->path),
                       example_value(*option));
  }
  for (const auto& each : section.inner) write(out, each, depth + 1);
  out += fmt::format("{}</{}>\n", indent, element);
}

}  // namespace

std::string options_markdown() {
  std::string out(introduction);
  std::string_view section;
  for (const auto& option : option_table()) {
    if (section_of(option.path) != section) {
      section = section_of(option.path);
      out += fmt::format(
          "\n## {}\n\n| setting | values | default | changes | meaning |\n|---|---|---|---|---|\n", section);
    }
    out += fmt::format(
        "| `{}` | {} | {} | {} | {}{} |\n", name_of(option.path), cell(accepted_values(option)),
        option.default_text.empty() ? std::string("empty") : fmt::format("`{}`", cell(option.default_text)),
        to_string(option.applies), cell(option.doc), cell(notes(option)));
  }
  return out;
}

std::string example_file() {
  std::string out = R"(<?xml version="1.0" encoding="utf-8"?>
<!-- Every option with its default; what is not needed may be left out. Made from the option table.
     Begin with user and server of the Connectivity element, one element for each line, six at most. -->
<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name="Basic">
    <Connectivity user="7001" server="sip.example.com:5060" protocol="udp"/>
  </Container>
  <Container name="Genesys">
    <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
)";
  Section root;
  for (const auto& option : option_table()) {
    if (!is_plain(option)) continue;
    Section* section = &root;
    auto path = section_of(option.path);
    while (!path.empty()) {
      const auto name = take_until(path, '.');
      section = &inner(*section, name == "proxyN" ? std::string_view("proxy0") : name);
    }
    section->options.push_back(&option);
  }
  for (const auto& domain : root.inner) write(out, domain, 3);
  return out + "    </settings>\n  </Container>\n</SipEndpoint>\n";
}

}  // namespace sidetone::config
