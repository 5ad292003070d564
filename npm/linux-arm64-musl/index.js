module.exports = require('./han.linux-arm64-musl.node');
