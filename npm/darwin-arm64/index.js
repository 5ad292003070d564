module.exports = require('./han.darwin-arm64.node');
