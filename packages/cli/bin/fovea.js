#!/usr/bin/env node
// A file of its own, so that npm finds the command before anything is built.
import '../dist/main.js'
