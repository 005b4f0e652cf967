#include "engine/start_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "codec/audio_format.h"
#include "config/load_file.h"
#include "engine/configured_settings.h"
#include "engine/line_address.h"
#include "engine/phone_settings.h"
#include "net/interfaces.h"
#include "net/tls_contexts.h"

namespace sidetone::engine {
namespace {

class Check {
 public:
  Check(const config::Configuration& configuration, const std::string& file)
      : c_(configuration), file_(file) {}

  std::vector<config::ConfigProblem> of_values() {
    for (std::size_t i = 0; i < c_.lines.size(); ++i)
      if (const auto line = core_line(c_.lines[i]); !line)
        fault(fmt::format("protocol:{}", i), "connectivity.protocol", line.error());
    if (const auto collector = collector_of(c_.endpoint); !collector)
      fault("policy.endpoint.vq_report_collector", collector.error());
    net::TlsSettings tls;
    if (const auto security = set_security(c_.security, tls); !security)
      fault(certificate_option(), security.error());
    check_codecs();
    return std::move(problems_);
  }

  std::vector<config::ConfigProblem> of_machine() {
    EndpointSettings from_file;
    from_file.config_file = file_;
    const auto settings = phone_settings(from_file, c_, true);
    if (!settings) {
      // Nothing is wrong with the file, but no phone comes of it.
      problems_.push_back({config::Severity::error,
                           file_,
                           0,
                           {},
                           settings.error().text,
                           c_.lines.empty() ? "put a Connectivity element into the Container 'Basic'"
                                            : settings.error().remedy});
      return std::move(problems_);
    }
    check_certificate(*settings);
    check_addresses(*settings);
    return std::move(problems_);
  }

 private:
  // At the place of `path`, or in the file as a whole where it is not set.
  void fault(std::string_view path, std::string option, const Error& error) {
    const auto origin = c_.is_set(path) ? c_.origin(path) : file_;
    problems_.push_back({config::Severity::error, origin, 0, std::move(option), error.text, error.remedy});
  }
  void fault(const std::string& path, const Error& error) { fault(path, path, error); }

  [[nodiscard]] std::string certificate_option() const {
    return c_.is_set("system.security.certificate") ? "system.security.certificate"
                                                    : "system.security.cert_file";
  }

  void check_codecs() {
    if (codec::parse_enabled(c_.codecs.audio)) return;
    constexpr std::string_view list = "codecs.enabled.audio";
    // The list of release 8.5 is made of settings, and the faulty one of them is to be named.
    for (std::string_view rest = c_.codecs.audio; !c_.is_set(list) && !rest.empty();) {
      const auto name = trim(take_until(rest, ','));
      const auto path = fmt::format("policy.codecs.{}", name);
      const auto one = codec::parse_enabled(name);
      if (!one && c_.is_set(path)) return fault(path, one.error());
    }
    fault(std::string(list), codec::parse_enabled(c_.codecs.audio).error());
  }

  // Only TLS lines ask for it.
  void check_certificate(const PhoneSettings& settings) {
    const auto& lines = settings.core.lines;
    if (std::none_of(lines.begin(), lines.end(),
                     [](const auto& line) { return line.transport == sip::Transport::tls; }))
      return;
    const auto contexts = net::make_contexts(settings.tls);
    if (!contexts) return fault(certificate_option(), contexts.error());
    for (const auto& warning : contexts->warnings) {
      fault(certificate_option(), warning);
      problems_.back().severity = config::Severity::warning;
    }
  }

  void check_addresses(const PhoneSettings& settings) {
    auto facts = net::read_network_facts();
    if (net::needs_fqdn(settings.public_address)) facts.fqdn = net::read_fqdn(facts.host_name);
    const auto own = net::choose_public_address(settings.public_address, settings.ip_versions, facts);
    if (!own) return fault("policy.endpoint.public_address", own.error());
    for (std::size_t i = 0; i < settings.core.lines.size(); ++i) {
      auto line = settings.core.lines[i];
      line.server_host = net::with_numeric_zone(line.server_host);
      if (const auto from = line_address(line, *own); !from)
        fault(fmt::format("server:{}", i), "connectivity.server", from.error());
    }
  }

  const config::Configuration& c_;
  const std::string& file_;
  std::vector<config::ConfigProblem> problems_;
};

}  // namespace

config::ReadResult read_for_start(const std::string& file, const std::vector<config::Override>& overrides) {
  auto read = file.empty() ? config::configuration_of(overrides) : config::load_file(file, overrides);
  // Where the file is wrong the default stands, which is right: what is found here is not found twice.
  auto more = Check(read.configuration, file).of_values();
  read.problems.insert(read.problems.end(), std::make_move_iterator(more.begin()),
                       std::make_move_iterator(more.end()));
  return read;
}

std::vector<config::ConfigProblem> faults_on_this_machine(const config::Configuration& configuration,
                                                          const std::string& file) {
  return Check(configuration, file).of_machine();
}

}  // namespace sidetone::engine
