// A SIP message: start line, header fields in order, body. It owns its text in one block, and every view
// taken from it lives as long as the message (moves keep them valid, copies have their own).
//
// Fields with comma-separated values are split while parsing (RFC 3261 §7.3.1), folded lines are joined,
// compact names are known by their HeaderId, unknown headers keep their name and value untouched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "sip/message/header_id.h"

namespace sidetone::sip {

struct HeaderField {
  HeaderId id = HeaderId::other;
  std::string_view name;   // as received; canonical for those that we add
  std::string_view value;  // trimmed, unfolded
};

// Bounds on what one message may make us keep. The largest real INVITE seen has some 60 fields.
inline constexpr std::size_t message_bytes_max = 65535;  // what UDP can carry; streams obey it, too
inline constexpr std::size_t header_fields_max = 256;

// The phrase that RFC 3261 §21 and later RFCs give a status; that of its class when we do not know it.
[[nodiscard]] std::string_view reason_phrase(int status);

class Message {
 public:
  Message();
  Message(const Message& other);
  Message(Message&&) noexcept;
  Message& operator=(const Message& other);
  Message& operator=(Message&&) noexcept;
  ~Message();

  static Message request(Method method, std::string_view uri);
  static Message request(std::string_view method_name, std::string_view uri);
  // Copies Via, From, To, Call-ID, CSeq (RFC 3261 §8.2.6.2) and, for 1xx/2xx that make a dialog,
  // Record-Route (§12.1.1); Timestamp into a 100 (§8.2.6.1). `to_tag` is added when To has none and the
  // status is not 100. An empty `reason` stands for the usual phrase.
  static Message response(const Message& request, int status, std::string_view reason,
                          std::string_view to_tag);

  [[nodiscard]] bool is_request() const { return status_ == 0; }
  [[nodiscard]] Method method() const { return method_; }  // of a response: that of its CSeq
  [[nodiscard]] std::string_view method_name() const { return method_name_; }
  [[nodiscard]] std::string_view request_uri() const { return uri_; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::string_view reason() const { return reason_; }
  [[nodiscard]] std::string_view body() const { return body_; }
  [[nodiscard]] const std::vector<HeaderField>& fields() const { return fields_; }

  void set_request_uri(std::string_view uri);
  // The first / every value of a header; nullptr / empty when absent.
  [[nodiscard]] const HeaderField* find(HeaderId id) const;
  [[nodiscard]] const HeaderField* find(std::string_view name) const;
  [[nodiscard]] std::string_view value(HeaderId id) const;  // empty when absent
  [[nodiscard]] std::vector<std::string_view> values(HeaderId id) const;
  [[nodiscard]] bool has(HeaderId id) const { return find(id) != nullptr; }
  // True when a list header (Supported, Require, Allow ...) holds `token`, without case.
  [[nodiscard]] bool lists(HeaderId id, std::string_view token) const;

  void add(HeaderId id, std::string_view value);  // behind the last field of the same header
  void add(std::string_view name, std::string_view value);
  void add_first(HeaderId id, std::string_view value);      // Via, Record-Route: before the others
  void set(HeaderId id, std::string_view value);            // replaces all
  void replace_first(HeaderId id, std::string_view value);  // there must be one
  void remove(HeaderId id);
  void remove_first(HeaderId id);
  void set_body(std::string_view body, std::string_view content_type);  // empty body: both removed

  // The wire form, with Content-Length always written and correct.
  [[nodiscard]] std::string to_bytes() const;
  void write(std::string& out) const;  // appends

 private:
  friend class MessageParser;
  class Block;  // the owned text
  std::string_view keep(std::string_view text);
  char* reserve_text(std::size_t bytes);
  HeaderField keep_line(HeaderId id, std::string_view name, std::string_view value);
  void insert_behind_same(HeaderField field);
  char* write_fields(char* at, std::string_view content_length) const;

  std::unique_ptr<Block> block_;
  int status_ = 0;
  Method method_ = Method::other;
  std::string_view method_name_;
  std::string_view uri_;
  std::string_view reason_;
  std::string_view body_;
  std::vector<HeaderField> fields_;
};

}  // namespace sidetone::sip
