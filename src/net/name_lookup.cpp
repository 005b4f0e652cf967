#include "net/name_lookup.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include "net/socket.h"

namespace sidetone::net {
namespace {

constexpr std::size_t running_max = 8;     // a thread each; a slow name server must not collect them
constexpr std::size_t addresses_max = 16;  // more only delay the failure of a call

Expected<std::vector<Address>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;  // each address once
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (error != 0)
    return fail(Layer::net, error == EAI_AGAIN ? Fault::timeout : Fault::not_found,
                fmt::format("no address for '{}': {}", host, ::gai_strerror(error)),
                "check the name and the name server");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const auto* entry = first; entry != nullptr && addresses.size() < addresses_max;
       entry = entry->ai_next) {
    SystemAddress system{};
    std::memcpy(&system, entry->ai_addr, std::min<std::size_t>(entry->ai_addrlen, sizeof system));
    auto address = from_system(system);
    address.port = port;
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      addresses.push_back(address);
  }
  return addresses;
}

}  // namespace

// What a lookup's thread holds: it may outlive the NameLookup and its io_context.
struct NameLookup::Mailbox {
  std::mutex mutex;
  boost::asio::io_context* io = nullptr;  // none: nobody waits any more
  NameLookup* owner = nullptr;            // read on the io_context's thread only
};

NameLookup::NameLookup(boost::asio::io_context& io) : mailbox_(std::make_shared<Mailbox>()) {
  mailbox_->io = &io;
  mailbox_->owner = this;
}

NameLookup::~NameLookup() {
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->io = nullptr;
  mailbox_->owner = nullptr;
}

void NameLookup::resolve(std::string host, std::uint16_t port, OnResult on_result) {
  Question question{++last_id_, std::move(host), port};
  waiting_.emplace(question.id, std::move(on_result));
  if (running_ < running_max)
    start(std::move(question));
  else
    queue_.push_back(std::move(question));
}

void NameLookup::start(Question question) {
  ++running_;
  const auto id = question.id;
  auto work = [mailbox = mailbox_, question = std::move(question)] {
    auto result = look_up(question.host, question.port);
    const std::lock_guard lock(mailbox->mutex);
    if (mailbox->io == nullptr) return;
    boost::asio::post(*mailbox->io, [mailbox, id = question.id, result = std::move(result)]() mutable {
      if (mailbox->owner != nullptr) mailbox->owner->finished(id, std::move(result));
    });
  };
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error& error) {  // no thread to be had: an answer all the same
    boost::asio::post(*mailbox_->io, [mailbox = mailbox_, id, why = std::string(error.what())] {
      if (mailbox->owner != nullptr)
        mailbox->owner->finished(id, fail(Layer::net, Fault::limit, fmt::format("name lookup: {}", why)));
    });
  }
}

void NameLookup::finished(std::uint64_t id, Expected<std::vector<Address>> result) {
  --running_;
  if (!queue_.empty()) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    start(std::move(next));
  }
  const auto found = waiting_.extract(id);
  if (!found.empty()) found.mapped()(std::move(result));  // may destroy this object
}

}  // namespace sidetone::net
