module.exports = require('./han.linux-arm64-gnu.node');
