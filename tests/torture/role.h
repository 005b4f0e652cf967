// Who receives the messages: a whole stack with its user, in virtual time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "labserver/server.h"
#include "wire.h"

namespace sidetone::torture {

// What became of one message.
struct Reaction {
  std::string answer = "none";  // the final status, "none" or "closed"
  std::optional<sip::Message> message;
  std::string complaints;  // broken invariants, state that is left; empty: none
};

class Role {
 public:
  enum class Kind { phone, server };
  explicit Role(Kind kind);

  Reaction datagram(const std::string& bytes);
  Reaction stream(const std::string& bytes);
  // Contacts that the server has for a DN.
  [[nodiscard]] std::vector<std::string> bindings(std::string_view dn) const;

 private:
  void be_a_phone();
  void be_a_server();
  void judge_answers(const std::vector<std::string>& sent, const std::string& bytes, Reaction& reaction);
  void judge_rest(Reaction& reaction);

  test::Wire wire_;
  SeededRandom random_{7};
  NullSink log_;
  std::unique_ptr<lab::Server> server_;
  test::Node* node_ = nullptr;
  Address source_ = *Address::parse("198.51.100.9:5060", 0);
};

}  // namespace sidetone::torture
