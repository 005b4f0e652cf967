#include "net/burst_watch.h"

namespace sidetone::net {

namespace asio = boost::asio;

BurstWatch::BurstWatch(asio::io_context& io, Descriptor descriptor, BurstRules rules,
                       std::function<bool(int)> read, std::function<void()> on_change)
    : descriptor_(io, descriptor.release()),
      settle_(io),
      rules_(rules),
      read_(std::move(read)),
      on_change_(std::move(on_change)) {}

void BurstWatch::start() {
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           if (!error && self->descriptor_.is_open()) self->readable();
                         });
}

void BurstWatch::close() {
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  settle_.cancel();
}

void BurstWatch::readable() {
  const bool changed = read_(descriptor_.native_handle());
  start();
  if (changed && (!settling_ || rules_.from == BurstRules::From::last_change)) tell_later();
}

void BurstWatch::tell_later() {
  settling_ = true;
  settle_.expires_after(rules_.wait);
  settle_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || !self->descriptor_.is_open()) return;
    self->settling_ = false;
    self->on_change_();
  });
}

}  // namespace sidetone::net
