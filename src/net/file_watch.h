// Tells when a file may have another content: written anew, moved into place, or made. inotify, no polling.
// Editors write in several steps: what comes in a burst is told once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

namespace sidetone::net {

class FileWatch {
 public:
  // Null where the folder is not there or the kernel gives no more watches.
  static std::unique_ptr<FileWatch> start(boost::asio::io_context& io, const std::string& path,
                                          std::function<void()> on_change);
  virtual ~FileWatch() = default;
};

}  // namespace sidetone::net
