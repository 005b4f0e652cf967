#include "sip/message/diversion.h"

#include <algorithm>

#include "base/text.h"

namespace sidetone::sip {

Expected<Diversion> Diversion::parse(std::string_view value) {
  auto address = NameAddr::parse(value);
  if (!address) return tl::make_unexpected(address.error());
  if (address->is_star) return fail(Layer::sip, Fault::syntax, "Diversion names nobody");
  Diversion diversion;
  diversion.diverted_from = *address;
  diversion.reason = address->params.get("reason");
  diversion.privacy = address->params.get("privacy");
  if (const auto counter = parse_number<std::uint32_t>(address->params.get("counter")))
    diversion.counter = std::max<std::uint32_t>(*counter, 1);
  return diversion;
}

std::vector<Diversion> diversions_of(const Message& message) {
  std::vector<Diversion> diversions;
  for (const auto value : message.values(HeaderId::diversion)) {
    if (diversions.size() == diversions_max) break;
    if (auto diversion = Diversion::parse(value)) diversions.push_back(*diversion);
  }
  return diversions;
}

}  // namespace sidetone::sip
