// Any bytes as a Softphone.config: no crash, bounded problems, a whole configuration in every case.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "config/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sidetone::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ReadResult result = read_configuration(text, "fuzz.config");
  ST_ASSERT(result.problems.size() <= ProblemList::problems_max);
  ST_ASSERT(result.configuration.lines.size() <= lines_max);
  ST_ASSERT(!result.configuration.endpoint.ip_versions.empty());
  for (const auto& problem : result.problems) ST_ASSERT(!describe(problem).empty());
  if (result.usable()) {
    const auto& ports = result.configuration.endpoint.rtp_ports;
    ST_ASSERT(ports.min >= 1024 && ports.min < ports.max);
    for (const auto& line : result.configuration.lines)
      ST_ASSERT(!line.user.empty() && !line.server.host.empty());
  }
  // The same bytes as settings by hand: "path=text" in the first line.
  const auto line = text.substr(0, text.find('\n'));
  if (const auto equals = line.find('='); equals != std::string_view::npos) {
    const auto set =
        read_configuration(text.substr(line.size()), "fuzz.config",
                           {{std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))}});
    static_cast<void>(set.configuration.differences(result.configuration));
    for (const auto& change : set.configuration.differences({}))
      ST_ASSERT(set.configuration.get(change).has_value() || set.configuration.is_set(change));
  }
  const auto path = text.substr(0, 200);
  static_cast<void>(result.configuration.get(path));
  static_cast<void>(explain(path));
  return 0;
}
