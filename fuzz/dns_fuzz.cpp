// DNS answers: each input is a run of length-prefixed responses, given one after the other to a locator that
// asks for a destination by NAPTR, SRV and addresses. Whatever they say, the search ends within its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sip/location/dns_message.h"
#include "sip/location/locator.h"

using namespace sidetone;
using namespace sidetone::sip;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

std::string_view next(std::string_view& rest) {
  if (rest.size() < 2) return {};
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 |
                      static_cast<unsigned char>(rest[1]);
  const auto part = rest.substr(2, length);
  rest.remove_prefix(2 + part.size());
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Locator locator({});
  Time now{};
  int told = 0;
  const auto at_once =
      locator.locate({"example.com", 0, {}, false, {}}, now, [&](const Located& located, Time) {
        ++told;
        check(located.targets.size() <= 20);
        check(!located.targets.empty() || !located.error.empty());
      });
  check(!at_once);
  int questions = 0;
  for (int steps = 0; told == 0; ++steps) {
    check(steps < 200);
    while (const auto query = locator.poll_query()) {
      check(++questions <= 64);
      check(is_dns_name(query->name));
      const auto answer = read_dns_answer(next(rest), query->name);
      for (const auto& record : answer.answers) check(record.name.size() <= 253);
      locator.dns_answer(query->id, answer, now);
    }
    if (told != 0) break;
    const auto due = locator.deadline();
    check(due.has_value());
    now = due->when;
    locator.on_time(now);
  }
  check(told == 1 && locator.searches() == 0);
  return 0;
}
