#include "sip/message/referred_by.h"

namespace sidetone::sip {

Expected<ReferredBy> ReferredBy::parse(std::string_view value) {
  auto address = NameAddr::parse(value);
  if (!address) return tl::make_unexpected(address.error());
  if (address->is_star) return fail(Layer::sip, Fault::syntax, "Referred-By names nobody");
  return ReferredBy{*address, address->params.get("cid")};
}

std::optional<ReferredBy> referred_by(const Message& message) {
  const auto* field = message.find(HeaderId::referred_by);
  if (!field) return std::nullopt;
  auto read = ReferredBy::parse(field->value);
  return read ? std::optional<ReferredBy>(*read) : std::nullopt;
}

}  // namespace sidetone::sip
