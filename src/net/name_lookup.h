// Host names to addresses by the system's resolver (hosts file, DNS), off the caller's thread.
//
// Not asio's resolver: its io_context waits in the destructor for a getaddrinfo() that runs, so a phone with
// a dead name server could not exit for half a minute. Here a lookup that runs is left to itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::net {

class NameLookup {
 public:
  // On the io_context's thread, never from inside resolve().
  using OnResult = std::function<void(Expected<std::vector<Address>>)>;

  explicit NameLookup(boost::asio::io_context& io);
  ~NameLookup();  // no further call
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  void resolve(std::string host, std::uint16_t port, OnResult on_result);

 private:
  struct Mailbox;
  struct Question {
    std::uint64_t id;
    std::string host;
    std::uint16_t port;
  };
  void start(Question question);
  void finished(std::uint64_t id, Expected<std::vector<Address>> result);

  std::shared_ptr<Mailbox> mailbox_;
  std::unordered_map<std::uint64_t, OnResult> waiting_;
  std::deque<Question> queue_;
  std::uint64_t last_id_ = 0;
  std::size_t running_ = 0;
};

}  // namespace sidetone::net
