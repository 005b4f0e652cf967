#include "sip/account_index.h"

#include <algorithm>

#include "sip/message/uri.h"
#include "sip/stack_core.h"

namespace sidetone::sip {
namespace {

template <typename Index, typename Key>
void take_out(Index& index, const Key& key, AccountId id) {
  const auto at = index.find(key);
  if (at == index.end()) return;
  at->second.erase(id);
  if (at->second.empty()) index.erase(at);
}

template <typename Index, typename Key>
AccountId first_of(const Index& index, const Key& key) {
  const auto at = index.find(key);
  return at == index.end() ? AccountId{} : *at->second.begin();
}

}  // namespace

void AccountIndex::put(const AccountState& state) {
  remove(state.id);
  if (state.removed) return;
  Place place;
  place.user = unescape(StackCore::contact_user(state.account));
  if (state.flow) place.server = state.flow->remote;
  if (state.flow)
    place.socket = state.flow->socket;
  else if (state.account.server)
    place.socket = state.account.server->socket;
  all_.insert(state.id);
  by_user_[place.user].insert(state.id);
  if (place.server.port != 0) by_server_[place.server].insert(state.id);
  by_socket_[place.socket].insert(state.id);
  places_.emplace(state.id, std::move(place));
}

void AccountIndex::remove(AccountId id) {
  const auto node = places_.extract(id);
  if (node.empty()) return;
  const auto& place = node.mapped();
  all_.erase(id);
  take_out(by_user_, place.user, id);
  take_out(by_server_, place.server, id);
  take_out(by_socket_, place.socket, id);
}

AccountId AccountIndex::find(std::string_view user, const Flow& flow) const {
  const auto at_server = by_server_.find(flow.remote);
  const auto named = user.empty() ? by_user_.end() : by_user_.find(std::string(user));
  if (at_server != by_server_.end() && named != by_user_.end()) {
    // One user has few accounts, one server may have all: the smaller set is walked.
    for (const auto id : named->second)
      if (at_server->second.contains(id)) return id;
  }
  if (at_server != by_server_.end()) return *at_server->second.begin();
  if (named != by_user_.end()) return *named->second.begin();
  return first_on(flow.socket);
}

// A flow without socket, TCP or TLS, fits every account, and an account without one every flow.
AccountId AccountIndex::first_on(SocketId socket) const {
  if (!socket) return all_.empty() ? AccountId{} : *all_.begin();
  const auto own = first_of(by_socket_, socket);
  const auto any = first_of(by_socket_, SocketId{});
  if (!own || !any) return own ? own : any;
  return std::min(own, any);
}

}  // namespace sidetone::sip
