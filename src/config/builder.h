// From raw settings to a Configuration: checks each against its row of the table, then fills the structs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/configuration.h"
#include "config/document.h"
#include "config/problem.h"

namespace sidetone::config {

class Builder {
 public:
  explicit Builder(ProblemList& problems) : problems_(problems) {}
  void build(const RawDocument& document, Configuration& into);

 private:
  void take_setting(const RawSetting& raw);
  void check_names(const Option& option, const RawSetting& raw);
  void take_unknown(const RawSetting& raw);
  void store(const Option& option, const RawSetting& raw, Value value, std::string_view text);
  void take_fallback(const Option& option, const RawSetting& raw, std::string_view why);
  void take_line(const RawConnectivity& raw, std::size_t index);
  void store_connectivity(const RawConnectivity& raw, std::size_t index);
  void check_proxy_sections();

  void fill();
  void fill_endpoint(EndpointOptions& out);
  void fill_session(SessionOptions& out);
  void fill_device(DeviceOptions& out);
  void fill_codecs(CodecOptions& out);
  [[nodiscard]] std::string audio_codecs() const;
  void fill_connector(ConnectorOptions& out);
  void fill_diagnostics(DiagnosticsOptions& out);
  void fill_security(SecurityOptions& out);
  void fill_proxy(Line& line, std::size_t index);

  void check_ports();
  void check_sounds();
  void check_combinations();

  // The value in force: from the file, else the table's default. A path must be in the table.
  template <typename T>
  [[nodiscard]] T in_force(std::string_view path) const;
  [[nodiscard]] bool yes(std::string_view path) const { return in_force<bool>(path); }
  [[nodiscard]] int number(std::string_view path) const;
  [[nodiscard]] std::string words(std::string_view path) const { return in_force<std::string>(path); }
  [[nodiscard]] std::vector<std::string> repeated(std::string_view path) const;
  [[nodiscard]] PortRange ports(std::string_view stem, int width) const;
  [[nodiscard]] bool in_file(std::string_view path) const;
  [[nodiscard]] std::size_t line_of(std::string_view path) const;

  ProblemList& problems_;
  Configuration* out_ = nullptr;
  std::map<std::string, std::size_t, std::less<>> lines_;  // where each stored setting stands
  std::size_t suggestions_ = 0;
};

}  // namespace sidetone::config
