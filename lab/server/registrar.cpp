#include "labserver/registrar.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/message/headers.h"

namespace sidetone::lab {

namespace {

using std::chrono::seconds;

struct ContactUpdate {
  std::string uri;
  seconds expires;
};

bool same_contact(std::string_view a, std::string_view b) {
  const auto left = sip::Uri::parse(a);
  const auto right = sip::Uri::parse(b);
  return left && right && left->equivalent(*right);
}

sip::Response refusal(int status, std::string reason = {}) {
  sip::Response response;
  response.status = status;
  response.reason = std::move(reason);
  return response;
}

// RFC 3261 §10.2.1.1: the contact's own parameter, else the Expires header, else ours; a value that cannot
// be read counts as the default (§10.2.1.1, last paragraph).
seconds wanted_expiry(const sip::NameAddr& contact, const sip::Message& request, seconds fallback) {
  const auto text =
      contact.params.has("expires") ? contact.params.get("expires") : request.value(sip::HeaderId::expires);
  if (text.empty()) return fallback;
  const auto value = sip::parse_delta(text, "Expires");
  return value ? seconds(*value) : fallback;
}

}  // namespace

std::string dn_of_uri(std::string_view uri) {
  const auto parsed = sip::Uri::parse(uri);
  return parsed ? sip::unescape(parsed->user) : std::string();
}

std::string dn_of_header(std::string_view name_addr) {
  const auto parsed = sip::NameAddr::parse(name_addr);
  return parsed ? sip::unescape(parsed->uri.user) : std::string();
}

Registrar::Registrar(const ServerSettings& settings, Random& random)
    : settings_(settings), digest_(settings.realm, settings.algorithms, random.token(32)) {}

const User* Registrar::user(std::string_view dn) const {
  const auto found = std::find_if(settings_.users.begin(), settings_.users.end(),
                                  [&](const User& candidate) { return candidate.dn == dn; });
  return found == settings_.users.end() ? nullptr : &*found;
}

bool Registrar::knows(std::string_view dn) const { return user(dn) || bindings_.count(dn) > 0; }

std::optional<sip::Response> Registrar::challenge(const sip::Message& request, std::string_view dn,
                                                  bool proxy, Time now) const {
  const User* account = user(dn);
  if (!account) {
    if (settings_.admit_unknown_dns) return std::nullopt;
    ++counters_.refused;
    return refusal(404);  // RFC 3261 §10.3 step 5
  }
  if (account->password.empty()) return std::nullopt;
  const auto verdict = digest_.verify(request, proxy, account->dn, account->password, now);
  if (verdict == sip::DigestServer::Verdict::ok) return std::nullopt;
  const auto claimed = sip::DigestServer::claimed_user(request, proxy);
  if (!claimed.empty() && claimed != dn) {
    ++counters_.refused;
    return refusal(403);  // §10.3 step 4: a valid user, but not this one's registration to change
  }
  ++counters_.challenged;
  const bool stale = verdict == sip::DigestServer::Verdict::stale;
  sip::Message draft = sip::Message::response(request, proxy ? 407 : 401, "", "");
  digest_.challenge(draft, proxy, stale, now);
  auto response = refusal(proxy ? 407 : 401);
  const auto id = proxy ? sip::HeaderId::proxy_authenticate : sip::HeaderId::www_authenticate;
  for (const auto value : draft.values(id))
    response.headers.push_back({std::string(sip::canonical_name(id)), std::string(value)});
  return response;
}

sip::Response Registrar::handle(const sip::Message& request, const sip::Flow& flow, Time now) {
  const auto to = sip::NameAddr::parse(request.value(sip::HeaderId::to));
  if (!to || to->uri.scheme == sip::Uri::Scheme::other || to->uri.scheme == sip::Uri::Scheme::tel) {
    ++counters_.refused;
    return refusal(400, "Address-of-Record Is No SIP URI");  // RFC 3261 §10.3, RFC 4475 §3.3.4
  }
  const std::string dn = sip::unescape(to->uri.user);
  if (dn.empty()) {
    ++counters_.refused;
    return refusal(404);
  }
  if (auto refused = challenge(request, dn, false, now)) return std::move(*refused);
  if (bindings_.size() >= dns_max && bindings_.count(dn) == 0) {
    ++counters_.refused;
    return refusal(503);
  }
  auto& bindings = bindings_[dn];
  const bool was_there = !bindings.empty();
  auto response = update(bindings, request, flow, now);
  if (bindings.empty() == was_there) changes_.push_back({dn, !was_there});
  if (response.status == 200)
    ++counters_.accepted;
  else
    ++counters_.refused;
  if (bindings.empty()) bindings_.erase(dn);
  return response;
}

// RFC 3261 §10.3 steps 6 to 8. All contacts are checked before the first binding changes: a REGISTER is
// carried out whole or not at all.
sip::Response Registrar::update(Bindings& bindings, const sip::Message& request, const sip::Flow& flow,
                                Time now) {
  std::erase_if(bindings, [&](const Binding& binding) { return binding.expires <= now; });
  const auto call_id = request.value(sip::HeaderId::call_id);
  const auto cseq = sip::CSeq::parse(request.value(sip::HeaderId::cseq));
  if (!cseq) return refusal(400);

  std::vector<ContactUpdate> updates;
  for (const auto value : request.values(sip::HeaderId::contact)) {
    const auto contact = sip::NameAddr::parse(value);
    if (!contact) return refusal(400, "Bad Contact");
    if (contact->is_star) {
      if (auto refused = remove_all(bindings, request)) return std::move(*refused);
      return listing(bindings, now);
    }
    seconds expires = wanted_expiry(*contact, request, settings_.expires_default);
    if (expires > seconds(0) && expires < settings_.expires_min) {
      auto response = refusal(423);
      response.headers.push_back({"Min-Expires", std::to_string(settings_.expires_min.count())});
      return response;
    }
    updates.push_back({std::string(contact->uri.text), std::min(expires, settings_.expires_max)});
  }
  if (updates.size() > contacts_per_dn_max) return refusal(403, "Too Many Contacts");
  for (const auto& binding : bindings)
    if (binding.call_id == call_id && binding.cseq >= cseq->number && !updates.empty())
      return refusal(500, "CSeq Out Of Order");  // §10.3 step 7

  for (const auto& change : updates) {
    const auto removed = std::erase_if(
        bindings, [&](const Binding& binding) { return same_contact(binding.contact, change.uri); });
    if (change.expires == seconds(0)) {
      counters_.removed += removed;
      continue;
    }
    if (bindings.size() >= contacts_per_dn_max)  // the oldest one gives way: its phone is likely gone
      bindings.erase(std::min_element(bindings.begin(), bindings.end(),
                                      [](const auto& a, const auto& b) { return a.order < b.order; }));
    bindings.push_back(
        {change.uri, flow, std::string(call_id), cseq->number, now + change.expires, ++order_});
    note_expiry(bindings.back().expires);
  }
  return listing(bindings, now);
}

// RFC 3261 §10.2.2: "*" stands alone and only with Expires 0.
std::optional<sip::Response> Registrar::remove_all(Bindings& bindings, const sip::Message& request) {
  const auto expires = sip::parse_delta(request.value(sip::HeaderId::expires), "Expires");
  if (request.values(sip::HeaderId::contact).size() != 1 || !expires || *expires != 0)
    return refusal(400, "Bad Contact");
  counters_.removed += bindings.size();
  bindings.clear();
  return std::nullopt;
}

sip::Response Registrar::listing(const Bindings& bindings, Time now) const {
  sip::Response response;
  for (const auto& binding : bindings) {
    const auto left = std::chrono::ceil<seconds>(binding.expires - now).count();
    response.headers.push_back({"Contact", fmt::format("<{}>;expires={}", binding.contact, left)});
  }
  return response;
}

std::vector<Binding> Registrar::lookup(std::string_view dn, Time now) const {
  std::vector<Binding> live;
  const auto found = bindings_.find(dn);
  if (found == bindings_.end()) return live;
  for (const auto& binding : found->second)
    if (binding.expires > now) live.push_back(binding);
  std::sort(live.begin(), live.end(), [](const auto& a, const auto& b) { return a.order > b.order; });
  return live;
}

std::vector<std::string> Registrar::registered(Time now) const {
  std::vector<std::string> dns;
  for (const auto& [dn, bindings] : bindings_)
    if (std::any_of(bindings.begin(), bindings.end(), [&](const auto& b) { return b.expires > now; }))
      dns.push_back(dn);
  return dns;
}

void Registrar::on_time(Time now) {
  if (!next_expiry_ || *next_expiry_ > now) return;
  next_expiry_.reset();
  for (auto at = bindings_.begin(); at != bindings_.end();) {
    counters_.expired +=
        std::erase_if(at->second, [&](const Binding& binding) { return binding.expires <= now; });
    for (const auto& binding : at->second) note_expiry(binding.expires);
    if (at->second.empty()) changes_.push_back({at->first, false});
    at = at->second.empty() ? bindings_.erase(at) : std::next(at);
  }
}

// The earliest that may be due. A refreshed binding leaves its old time behind: waking once in vain is
// cheaper than a search at every REGISTER.
void Registrar::note_expiry(Time when) {
  if (!next_expiry_ || when < *next_expiry_) next_expiry_ = when;
}

std::optional<Deadline> Registrar::deadline() const {
  if (!next_expiry_) return std::nullopt;
  return Deadline{*next_expiry_, "binding_expires"};
}

}  // namespace sidetone::lab
