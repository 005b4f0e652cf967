#include "sip/message/identity.h"

#include "base/text.h"

namespace sidetone::sip {
namespace {

bool is_tel(const Uri& uri) { return iequals(uri.scheme_text, "tel"); }
bool is_sip(const Uri& uri) { return uri.scheme == Uri::Scheme::sip || uri.scheme == Uri::Scheme::sips; }

CallerIdentity identity_of(const NameAddr& name) {
  return {unescape_quoted(name.display), std::string(name.uri.text), false, is_anonymous(name.uri)};
}

CallerIdentity nobody() { return {std::string(anonymous_display), std::string(anonymous_uri), false, true}; }

// draft-ietf-sip-privacy-04 §5: party=calling is the default; privacy=full or name or uri hides.
std::optional<CallerIdentity> remote_party(const Message& message) {
  for (const auto value : message.values(HeaderId::remote_party_id)) {
    const auto name = NameAddr::parse(value);
    if (!name || name->is_star) continue;
    const auto party = name->params.get("party");
    if (!party.empty() && !iequals(party, "calling")) continue;
    const auto privacy = name->params.get("privacy");
    auto identity = privacy.empty() || iequals(privacy, "off") ? identity_of(*name) : nobody();
    identity.asserted = true;
    return identity;
  }
  return std::nullopt;
}

}  // namespace

bool is_anonymous(const Uri& uri) {
  return iequals(uri.host, "anonymous.invalid") || (is_sip(uri) && iequals(uri.user, "anonymous"));
}

Privacy Privacy::of(const Message& message) {
  Privacy privacy;
  for (auto value : message.values(HeaderId::privacy)) {
    while (!value.empty()) {  // priv-values are parted by ";" (RFC 3323 §4.2)
      const auto word = trim(take_until(value, ';'));
      if (iequals(word, "none")) privacy.none = true;
      if (iequals(word, "user")) privacy.user = true;
      if (iequals(word, "header")) privacy.header = true;
      if (iequals(word, "session")) privacy.session = true;
      if (iequals(word, "id")) privacy.id = true;
      if (iequals(word, "critical")) privacy.critical = true;
    }
  }
  return privacy;
}

std::vector<NameAddr> identities(const Message& message, HeaderId header) {
  std::vector<NameAddr> found;
  bool has_sip = false, has_tel = false;
  for (const auto value : message.values(header)) {
    auto name = NameAddr::parse(value);
    if (!name || name->is_star) continue;
    const bool tel = is_tel(name->uri);
    if ((!tel && !is_sip(name->uri)) || (tel ? has_tel : has_sip)) continue;
    (tel ? has_tel : has_sip) = true;
    found.push_back(*name);
  }
  return found;
}

CallerIdentity caller_of(const Message& message, bool trusted) {
  const bool hidden = Privacy::of(message).hides_identity();
  if (trusted) {
    // RFC 3325 §7: with "id" the network gives it to trusted nodes only; what reaches a user is still not to
    // be shown.
    const auto asserted = identities(message, HeaderId::p_asserted_identity);
    const NameAddr* best = nullptr;
    for (const auto& name : asserted)
      if (best == nullptr || is_tel(best->uri)) best = &name;
    if (best != nullptr) {
      auto identity = hidden ? nobody() : identity_of(*best);
      identity.asserted = true;
      return identity;
    }
    if (auto party = remote_party(message)) return hidden ? nobody() : *party;
  }
  if (hidden) return nobody();
  const auto from = NameAddr::parse(message.value(HeaderId::from));
  return from ? identity_of(*from) : nobody();
}

}  // namespace sidetone::sip
