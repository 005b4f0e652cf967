// Who speaks for a line, and who in a dialog: what the source guard is told.
#include "sip/dialog/next_hop.h"
#include "sip/message/headers.h"
#include "sip/message/uri.h"
#include "sip/stack_core.h"

namespace sidetone::sip {
namespace {

void add_numeric(std::vector<IpAddress>& ips, std::string_view host) {
  if (const auto ip = IpAddress::parse(host)) ips.push_back(*ip);
}

}  // namespace

// Which sources speak for a line: what its server is known to be. Until a name is resolved nobody does.
void StackCore::know(const AccountState& state) {
  const auto& account = state.account;
  std::vector<IpAddress> ips;
  for (const auto& seen : state.server_ips.all()) ips.push_back(seen.ip);
  const auto uri = Uri::parse(account.uri);
  if (account.server)
    add_numeric(ips, account.server->host);
  else if (uri)
    add_numeric(ips, uri->host);
  if (state.flow) ips.push_back(state.flow->remote.ip);
  for (const auto& route : state.service_route)  // the registrar vouches for them (RFC 3608 §5)
    if (const auto place = NameAddr::parse(route))
      if (const auto hop = next_hop_of(place->uri.text)) add_numeric(ips, hop->host);
  const bool tls_only =
      account.server ? account.server->transport == Transport::tls : uri && uri->scheme == Uri::Scheme::sips;
  guard.set_servers(state.id.value, std::move(ips), tls_only);
  account_index.put(state);
}

void StackCore::learn_server(AccountState& account, const IpAddress& ip, Time now) {
  account.server_ips.add(ip, now);
  know(account);
}

void StackCore::forget(const AccountState& state) {
  guard.forget_servers(state.id.value);
  account_index.remove(state.id);
}

std::shared_ptr<const Dialog> StackCore::dialog_of(const Message& request) const {
  const auto* entry = dialogs.find(Dialog::key(
      request.value(HeaderId::call_id), tag_of(request, HeaderId::to), tag_of(request, HeaderId::from)));
  return entry == nullptr ? nullptr : entry->dialog;
}

// Until its first NOTIFY a subscription stands there without the peer's tag.
bool StackCore::awaits_notify(const Message& request) const {
  return request.method() == Method::notify &&
         dialogs.find(Dialog::key(request.value(HeaderId::call_id), tag_of(request, HeaderId::to), {})) !=
             nullptr;
}

// Most requests bring nothing new: the guard's table is written when an address is.
void StackCore::learn_servers(AccountState& account, const std::vector<Target>& targets, Time now) {
  bool is_new = false;
  for (const auto& target : targets) {
    is_new = is_new || !account.server_ips.contains(target.address.ip);
    account.server_ips.add(target.address.ip, now);
  }
  if (is_new) know(account);
}

// A peer that calls itself by a name speaks from where the name leads (RFC 3261 §12.2.1.1: that is where our
// requests go). It is looked up as soon as the dialog is there: the first that comes may be the ACK, which is
// not sent again by itself.
void StackCore::know_dialog(const std::shared_ptr<Dialog>& dialog, const AccountState* account, Time now) {
  if (!guard.is_on()) return;
  guard.add_dialog(*dialog);
  const auto hop = dialog->next_hop();
  if (IpAddress::parse(hop.host) || (account && is_server_name(*account, hop.host))) return;
  auto& transport = transactions.transport();
  const auto known = transport.locator().locate(
      transport.destination_of(hop), now,
      [this, weak = std::weak_ptr<Dialog>(dialog)](const Located& located, Time) {
        if (const auto alive = weak.lock(); alive && dialogs.session_of(alive->key()))
          know_peer(*alive, located);
      });
  if (known) know_peer(*dialog, *known);
}

// Bound: the locator's own, 20 targets of a name.
void StackCore::know_peer(Dialog& dialog, const Located& located) {
  std::vector<IpAddress> addresses;
  for (const auto& target : located.targets) addresses.push_back(target.address.ip);
  dialog.set_peer_addresses(std::move(addresses));
  guard.add_dialog(dialog);
}

}  // namespace sidetone::sip
