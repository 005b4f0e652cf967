// One torture message, and what its RFC's text asks a receiver to do with it. Outcomes and invariants, never
// bytes. Where the text leaves a choice, each choice is listed: "400|none".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sip/message/message.h"

namespace sidetone::torture {

// A field of the message as the parser read it.
struct Value {
  std::string what;
  std::function<std::string(const sip::Message&)> read;
  std::string expected;
};

struct Row {
  std::string section;
  std::string name;  // of the file
  std::string about;
  std::string parser;           // "accepted", a status with which it can be refused, or "dropped"
  std::string phone;            // the final status that a phone answers, or "none"
  std::string server;           // the same of the lab's registrar and B2BUA
  std::string stream;           // over TCP, at the phone; "closed": the connection is given up
  std::vector<Value> values{};  // only of accepted messages
  // Of the phone's answer.
  std::vector<Value> answer{};
  // The contacts that the server has for `bindings_of` afterwards.
  std::string bindings_of{};
  std::vector<std::string> bindings{};
};

[[nodiscard]] std::vector<Row> rfc4475_rows();
[[nodiscard]] std::vector<Row> rfc5118_rows();

}  // namespace sidetone::torture
