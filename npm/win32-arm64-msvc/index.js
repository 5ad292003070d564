module.exports = require('./han.win32-arm64-msvc.node');
