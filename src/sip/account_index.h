// Whose request it is, in one look-up per question whatever the number of accounts.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sip/account_state.h"

namespace sidetone::sip {

class AccountIndex {
 public:
  void put(const AccountState& account);  // new, or with another flow
  void remove(AccountId account);

  // The account at the server that the request comes from, the one that its Request-URI names (unescaped
  // user part), or the first one on that socket. Several accounts may share a server; the user part tells
  // them apart. None: nobody.
  [[nodiscard]] AccountId find(std::string_view user, const Flow& flow) const;

 private:
  using Ids = std::set<AccountId>;  // in the order in which they were added
  struct Place {
    std::string user;
    Address server;  // port 0: not known
    SocketId socket;
  };
  [[nodiscard]] AccountId first_on(SocketId socket) const;

  std::unordered_map<AccountId, Place> places_;
  std::unordered_map<std::string, Ids> by_user_;
  std::unordered_map<Address, Ids> by_server_;
  std::unordered_map<SocketId, Ids> by_socket_;  // socket none: accounts that use any
  Ids all_;
};

}  // namespace sidetone::sip
