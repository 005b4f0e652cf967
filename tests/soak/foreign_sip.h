// SIP datagrams of somebody who is no server of the phone's line and knows none of its dialogs.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "base/random.h"

namespace sidetone::flood {

enum class ForeignSip {
  invites,    // well-formed, each a new call
  in_dialog,  // BYE, re-INVITE, NOTIFY talk, REFER with guessed dialog ids
  responses,  // 200 OK with guessed branches: the phone cannot tell by the address who may answer
  junk,       // starts like SIP and is none
  mixed,      // a quarter each
};

class SipMaker {
 public:
  SipMaker(ForeignSip kind, Address phone, std::string user, std::uint64_t seed)
      : kind_(kind), phone_(phone), user_(std::move(user)), random_(seed), places_(64) {}

  // Valid until 64 more were made.
  const std::string& make(std::uint64_t number, const Address& from);

 private:
  void invite(std::string& out, const Address& from);
  void in_dialog(std::string& out, std::uint64_t number, const Address& from);
  void response(std::string& out, std::uint64_t number, const Address& from);
  void junk(std::string& out, std::uint64_t number);
  [[nodiscard]] std::string head(std::string_view method, const Address& from, std::string_view to_tag);

  ForeignSip kind_;
  Address phone_;
  std::string user_;
  SeededRandom random_;
  std::vector<std::string> places_;
};

}  // namespace sidetone::flood
