#include "config/dump.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::config {
namespace {

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace

class Dump {
 public:
  explicit Dump(const Configuration& configuration) : configuration_(configuration) {}

  std::string text() {
    basic();
    out_ += "<Container name=\"Genesys\">\n";
    for (const auto& option : option_table()) row(option.path);
    unknown();
    return std::move(out_);
  }

 private:
  void basic() {
    out_ += "<Container name=\"Basic\">\n";
    for (std::size_t i = 0; i < configuration_.lines.size(); ++i) {
      const auto value = [&](std::string_view name) {
        return printable(configuration_.get(fmt::format("{}:{}", name, i)).value_or(""));
      };
      out_ += fmt::format("  <Connectivity user=\"{}\" server=\"{}\" protocol=\"{}\">\n", value("user"),
                          value("server"), value("protocol"));
    }
  }

  // A row of the table may stand for many sections.
  void row(std::string_view path) {
    if (path.starts_with("connectivity.")) return;
    constexpr std::string_view any_proxy = "proxies.proxyN.";
    if (path.starts_with(any_proxy)) {
      // Six lines at most: the whole of a proxy follows its first row.
      if (path == first_with(any_proxy)) proxies(any_proxy);
      return;
    }
    const auto star = path.find('*');
    if (star != std::string_view::npos) return of_file(path.substr(0, star), path.substr(star + 1));
    setting(std::string(path));
  }

  static std::string_view first_with(std::string_view start) {
    for (const auto& option : option_table())
      if (option.path.starts_with(start)) return option.path;
    return {};
  }

  void proxies(std::string_view any_proxy) {
    const auto count = std::max<std::size_t>(configuration_.lines.size(), 1);
    for (std::size_t i = 0; i < count; ++i)
      for (const auto& option : option_table())
        if (option.path.starts_with(any_proxy))
          setting(fmt::format("proxies.proxy{}.{}", i, option.path.substr(any_proxy.size())));
  }

  // Sections and settings whose names the file chooses: codecs.opus/48000/2.payload_type, policy.codecs.pcmu.
  void of_file(std::string_view start, std::string_view end) {
    for (auto at = configuration_.entries_.lower_bound(start);
         at != configuration_.entries_.end() && at->first.starts_with(start); ++at)
      if (at->first.ends_with(end) && !at->first.starts_with("codecs.enabled.") &&
          !configuration_.unknown_.contains(at->first))
        setting(at->first);
  }

  void unknown() {
    if (!configuration_.unknown_.empty()) out_ += "<unknown settings, kept and without effect>\n";
    for (const auto& path : configuration_.unknown_)
      out_ +=
          fmt::format("  {} = \"{}\"\n", printable(path), printable(configuration_.get(path).value_or("")));
  }

  void setting(const std::string& path) {
    const auto dot = path.rfind('.');
    open_section(path.substr(0, dot));
    const auto value = printable(configuration_.get(path).value_or(""));
    out_ += fmt::format("      {} = \"{}\"{}\n", path.substr(dot + 1), value,
                        configuration_.is_set(path) ? "" : "  (default)");
  }

  void open_section(const std::string& path) {
    if (path == section_) return;
    section_ = path;
    const auto dot = path.find('.');
    if (const auto domain = path.substr(0, dot); domain != domain_) {
      domain_ = domain;
      out_ += fmt::format("  <domain name=\"{}\">\n", domain);
    }
    out_ += fmt::format("    <section name=\"{}\">\n", printable(path.substr(dot + 1)));
  }

  const Configuration& configuration_;
  std::string out_, domain_, section_;
};

std::string dump(const Configuration& configuration) { return Dump(configuration).text(); }

}  // namespace sidetone::config
